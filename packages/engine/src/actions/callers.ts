/** Who called whom: bounds calls, and work that processes do for each other, so that none goes on without end. */
import type { ProcessInstance } from '../state/entities.ts';
import { Fault } from './fault.ts';
import { boundFor, reached } from './limits.ts';
import type { Visit } from './turn.ts';

/** A fault when one more instance below this element would be more than the limit; `called`: its process. */
export function tooDeep(at: Visit, called: string): Fault | undefined {
  const { callDepth } = at.turn.limitsOf(at.instance);
  const callers = callersOf(at, callDepth);
  if (callers.length < callDepth) return undefined;
  const bound = boundFor(at, 'callDepth', at.turn.limits.callDepth);
  if (bound !== undefined)
    return reached(bound, `'${at.self.elementId}' would be call number ${callDepth + 1} in a row, of '${called}'`);
  const round = [...new Set(callers)].reverse().map((id) => `'${id}'`);
  return new Fault(
    'runaway',
    `'${at.self.elementId}' would be call number ${callDepth + 1} in a row: ${round.join(' → ')} → '${called}' call each other without end; let one of them end before its call, then resolve this incident`,
  );
}

/** Ids of the processes that called this one and each other, the innermost first, this one included; at most so many. */
function callersOf({ turn, instance }: Visit, atMost: number): string[] {
  const ids: string[] = [];
  let at: ProcessInstance | undefined = instance;
  while (at?.parentId != null && ids.length < atMost) {
    ids.push(turn.model(at).bpmnProcessId);
    at = turn.state.instances.get(at.parentId);
  }
  return ids;
}
