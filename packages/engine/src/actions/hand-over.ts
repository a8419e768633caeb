/** A topic has another server: tasks that wait for a worker are done by the process now, in short commands, so that others get their turn. */
import type { StepOf } from '../records/steps.ts';
import type { ExternalTask } from '../state/entities.ts';
import { followUp, NOBODY } from './chain.ts';
import { HELD_AT, isHeld, serveAgain, serverOf } from './serving.ts';
import { type Turn, visit } from './turn.ts';

const AT_ONCE = 50;
/** Between two looks at the locks of one topic at least, ms: where many end one after the other, not each is looked for. */
const LOOKS_APART_MS = 1_000;
/** Timers of nobody that are looked through for one that looks already; a second one ends by itself. */
const LOOKED_THROUGH = 200;
const OLDEST_FIRST = { byPriority: false, newestFirst: false } as const;

/** Nothing where none waits, and none is held that may come to wait. */
export function handOverLater(turn: Turn, topic: string, tenantId: string | null, after = 0): void {
  if (waiting(turn, topic, tenantId, after, 1).length === 0) lookWhenLocksEnd(turn, topic, tenantId);
  else handOverAt(turn, turn.now, topic, tenantId, after);
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
  else lookWhenLocksEnd(turn, topic, tenantId);
}

/** A worker that has died says nothing: its tasks are looked for when the first lock ends, for as long as workers hold some. */
function lookWhenLocksEnd(turn: Turn, topic: string, tenantId: string | null): void {
  let first = HELD_AT;
  for (const task of doneByNobody(turn, topic, tenantId))
    if (isHeld(turn, task)) first = Math.min(first, task.availableAt);
  if (first === HELD_AT) return;
  const at = Math.max(first, turn.now + LOOKS_APART_MS);
  const looks = turn.state.timers.dueOf(NOBODY, at, LOOKED_THROUGH);
  const isLookedFor = looks.some(
    ({ step }) => step?.kind === 'handOver' && step.topic === topic && step.tenantId === tenantId,
  );
  if (!isLookedFor) handOverAt(turn, at, topic, tenantId, 0);
}

function handOverAt(turn: Turn, at: number, topic: string, tenantId: string | null, after: number): void {
  const nobody = { processInstanceId: NOBODY, elementInstanceId: NOBODY };
  followUp(turn, { kind: 'handOver', topic, tenantId, after, ...nobody }, undefined, at);
}

/** Those that no worker holds and that have attempts left, also such as wait for the end of a back-off; oldest first. */
function waiting(
  turn: Turn,
  topic: string,
  tenantId: string | null,
  after: number,
  atMost: number,
): readonly ExternalTask[] {
  const found: ExternalTask[] = [];
  for (const task of doneByNobody(turn, topic, tenantId)) {
    if (isHeld(turn, task) || task.id <= after) continue;
    found.push(task);
    if (found.length === atMost) break;
  }
  return found;
}

/** Before the end of time: those that instances do already are not looked at. */
function* doneByNobody({ state }: Turn, topic: string, tenantId: string | null): Generator<ExternalTask> {
  for (const task of state.externalTasks.fetchable(topic, HELD_AT - 1, OLDEST_FIRST, { tenantId: [tenantId] }))
    if (task.errand === null) yield task;
}
