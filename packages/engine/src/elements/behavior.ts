/** What every element's file answers: when it may start, what it does, and how it is left. */
import type { Element } from '@procos/bpmn';
import { chooseFlows } from '../actions/conditions.ts';
import type { Fault } from '../actions/fault.ts';
import type { Traits } from '../actions/traits.ts';
import type { Visit } from '../actions/turn.ts';
import type { Trigger } from '../records/steps.ts';

/** `complete`: done at once. `wait`: something outside, inside or later will complete it. */
export type Progress = 'complete' | 'wait' | Fault;

export interface ElementBehavior<E extends Element = Element> {
  /**
   * A token has arrived in the scope. Gives the flows whose tokens start the element, or undefined to keep waiting.
   * Default: the flow it came by.
   */
  arrive?(element: E, scope: Visit, flowId: string): readonly string[] | undefined;
  /**
   * Does what the element is for; input mappings have been applied. Must evaluate everything that can fail before it emits
   * anything: after a fault the whole activation is tried again.
   */
  activate(element: E, at: Visit, trigger: Trigger | undefined): Progress;
  /** What it waited for is done: is that all? Default: it is. Asked again after a fault. */
  resume?(element: E, at: Visit): Progress;
  /** The flows to leave by; output mappings have been applied. Default: see `leaveByConditions`. */
  leave?(element: E, at: Visit): readonly string[] | Fault;
  /** It is gone: what follows besides the tokens on its flows. */
  left?(element: E, at: Visit): void;
}

/** Every outgoing flow, or, where some have a condition or one is the default, as an inclusive gateway would choose. */
export function leaveByConditions({ element, unconditional }: Traits, at: Visit): readonly string[] | Fault {
  if (unconditional) return element.outgoing;
  const defaultFlow = 'defaultFlow' in element ? element.defaultFlow : undefined;
  return chooseFlows(at, element, defaultFlow, element.outgoing.length);
}
