/** What an earlier command has left over goes on. */
import { continuation } from '../actions/chain.ts';
import { continueLater } from '../actions/retries.ts';
import { continueSignal } from '../actions/signals.ts';
import { type Turn, visit } from '../actions/turn.ts';
import type { ElementInstanceId, ProcessInstanceId } from '../records/ids.ts';
import type { Step, StepOf } from '../records/steps.ts';

/** What belongs to a suspended instance waits there until it is resumed. */
export function continueTurn(turn: Turn, { steps, touched }: StepOf<'continueTurn'>): void {
  const resting = new Map<ProcessInstanceId, { steps: Step[]; touched: [ProcessInstanceId, ElementInstanceId][] }>();
  const restOf = (id: ProcessInstanceId) => {
    if (turn.state.instances.get(id)?.suspended !== true) return undefined;
    const rest = resting.get(id) ?? { steps: [], touched: [] };
    resting.set(id, rest);
    return rest;
  };
  for (const step of steps) {
    if (step.kind === 'continueSignal') {
      turn.postponed.push(step);
      continue;
    }
    const rest = restOf(step.processInstanceId);
    if (rest === undefined) turn.enqueue(step);
    else rest.steps.push(step);
  }
  for (const [id, scopeId] of touched) {
    const rest = restOf(id);
    if (rest === undefined) turn.touch(id, scopeId);
    else rest.touched.push([id, scopeId]);
  }
  for (const [id, rest] of resting) {
    const at = visit(turn, id, id);
    if (at !== undefined) continueLater(at, continuation(id, rest.steps, rest.touched));
  }
  const next = turn.postponed.length === steps.length ? turn.postponed.shift() : undefined;
  if (next !== undefined) continueSignal(turn, next);
}
