/** A topic has another server: tasks that wait for a worker are done by the process now, in short commands, so that others get their turn. */
import type { StepOf } from '../records/steps.ts';
import type { ExternalTask } from '../state/entities.ts';
import { followUp, NOBODY } from './chain.ts';
import { HELD_AT, serveAgain, serverOf } from './serving.ts';
import { type Turn, visit } from './turn.ts';

const AT_ONCE = 50;
const OLDEST_FIRST = { byPriority: false, newestFirst: false } as const;

/** Nothing where none waits. */
export function handOverLater(turn: Turn, topic: string, tenantId: string | null, after = 0): void {
  if (waiting(turn, topic, tenantId, after, 1).length === 0) return;
  const nobody = { processInstanceId: NOBODY, elementInstanceId: NOBODY };
  followUp(turn, { kind: 'handOver', topic, tenantId, after, ...nobody }, undefined);
}

/** Tasks of these topics can be had again: where a process serves one by now, no worker need be left for it. */
export function handOverFreed(turn: Turn, topics: Iterable<string>, tenantId: string | null): void {
  for (const topic of new Set(topics))
    if (serverOf(turn, topic, tenantId) !== undefined) handOverLater(turn, topic, tenantId);
}

/** Whoever serves the topic by now takes them; what he may not take stays where it is. */
export function handOver(turn: Turn, { topic, tenantId, after }: StepOf<'handOver'>): void {
  if (serverOf(turn, topic, tenantId) === undefined) return;
  const some = waiting(turn, topic, tenantId, after, AT_ONCE);
  for (const task of some) {
    const at = visit(turn, task.processInstanceId, task.elementInstanceId);
    if (at !== undefined) serveAgain(at, task);
  }
  const last = some.at(-1);
  if (some.length === AT_ONCE && last !== undefined) handOverLater(turn, topic, tenantId, last.id);
}

/** Those that nobody holds and that have attempts left, also such as wait for the end of a back-off; oldest first. */
function waiting(
  { state }: Turn,
  topic: string,
  tenantId: string | null,
  after: number,
  atMost: number,
): readonly ExternalTask[] {
  const found: ExternalTask[] = [];
  // Before the end of time: those that instances do already are not looked at.
  for (const task of state.externalTasks.fetchable(topic, HELD_AT - 1, OLDEST_FIRST, { tenantId: [tenantId] })) {
    if (task.workerId !== null || task.errand !== null || task.id <= after) continue;
    found.push(task);
    if (found.length === atMost) break;
  }
  return found;
}
