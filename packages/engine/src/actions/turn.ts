/** One command on its way: the events it has caused, the steps still to do, and what it may read. */
import type { ProcessModel } from '@procos/bpmn';
import { apply } from '../appliers/appliers.ts';
import type { EngineEvent, Variables } from '../records/events.ts';
import type { ElementInstanceId, IdSource, ProcessInstanceId } from '../records/ids.ts';
import type { Step } from '../records/steps.ts';
import type { Definition, ElementInstance, ProcessInstance } from '../state/entities.ts';
import type { State } from '../state/state.ts';

export class Turn {
  readonly state: State;
  readonly now: number;
  readonly ids: IdSource;
  readonly zone: string;
  readonly events: EngineEvent[] = [];
  /** Instances in which something happened: their inclusive joins are looked at when no step is left. */
  readonly touched: Set<ProcessInstanceId> = new Set();
  /** Root variables of instances that ended in this turn, for replies. */
  readonly finalVariables: Map<ProcessInstanceId, Variables> = new Map();
  #steps: Step[] = [];
  #next = 0;
  /** Events that have happened: what they interrupt must not take another step first. */
  #triggers: Step[] = [];
  #nextTrigger = 0;

  constructor(context: { readonly state: State; readonly now: number; readonly ids: IdSource; readonly zone: string }) {
    this.state = context.state;
    this.now = context.now;
    this.ids = context.ids;
    this.zone = context.zone;
  }

  /** States what happened and applies it at once. */
  emit(event: EngineEvent): void {
    apply(this.state, event, this.now);
    this.events.push(event);
  }

  enqueue(step: Step): void {
    this.touched.add(step.processInstanceId);
    (step.kind === 'trigger' ? this.#triggers : this.#steps).push(step);
  }

  /** Triggers first, else in the order in which the steps were enqueued. */
  nextStep(): Step | undefined {
    const trigger = this.#triggers[this.#nextTrigger++];
    if (trigger !== undefined) return trigger;
    this.#triggers = [];
    this.#nextTrigger = 0;
    const step = this.#steps[this.#next++];
    if (step === undefined) {
      this.#steps = [];
      this.#next = 0;
    }
    return step;
  }

  definition(instance: ProcessInstance): Definition {
    const definition = this.state.definitions.get(instance.definitionId);
    if (definition === undefined) throw new Error(`instance ${instance.id} has no definition ${instance.definitionId}`);
    return definition;
  }

  model(instance: ProcessInstance): ProcessModel {
    return this.definition(instance).model;
  }
}

/** An element instance with everything around it that its behaviour may want to know. */
export interface Visit {
  readonly turn: Turn;
  readonly instance: ProcessInstance;
  readonly model: ProcessModel;
  readonly self: ElementInstance;
}

/** undefined when it is gone by now: it was canceled by an earlier step of this turn. */
export function visit(
  turn: Turn,
  processInstanceId: ProcessInstanceId,
  elementInstanceId: ElementInstanceId,
): Visit | undefined {
  const instance = turn.state.instances.get(processInstanceId);
  const self = instance?.elements.get(elementInstanceId);
  return instance === undefined || self === undefined
    ? undefined
    : { turn, instance, model: turn.model(instance), self };
}

/** The same for another element instance of the same process instance. */
export function visitScope(of: Visit): Visit | undefined {
  const scope = of.self.scopeId === null ? undefined : of.instance.elements.get(of.self.scopeId);
  return scope === undefined ? undefined : { ...of, self: scope };
}
