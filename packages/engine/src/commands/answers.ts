/** Requests that come with a key: the first one's answer is kept, and whoever sends it again gets the same. */
import type { Json } from '@procos/bpmn';
import type { Turn } from '../actions/turn.ts';
import type { Command, CommandOf, ReplyOf } from '../records/commands.ts';
import type { AnswerId, RequestKey } from '../records/ids.ts';
import type { Outcome } from '../records/rejection.ts';
import type { Answer } from '../state/entities.ts';
import { describe } from './fetch-and-lock.ts';
import { reject } from './handler.ts';

/** With about every 16th new answer up to so many go that are out of date: more than come, so that none pile up. */
const FORGOTTEN_AT_ONCE = 32;

/** What of the reply to `fetchAndLock` is kept: the rest of it stands in the state. */
interface KeptTask {
  readonly id: number;
  readonly lockCount: number;
}

/** The answer to the same request of before, `known` by its key; undefined when there was none, or too long ago. */
export function recall(
  command: Command,
  request: RequestKey,
  known: Answer | undefined,
  turn: Turn,
  overAt: number,
): Outcome<unknown> | undefined {
  const answer = known;
  if (answer === undefined || answer.expiresAt <= overAt) return undefined;
  if (answer.fingerprint !== request.fingerprint) {
    const message = 'the idempotency key belongs to another request: send every request with a key of its own';
    return reject('KEY_REUSED', message);
  }
  const outcome = answer.outcome as unknown as Outcome<unknown>;
  const isOfTasks = command.type === 'fetchAndLock' && outcome.ok && !isReply(outcome.value);
  return isOfTasks ? stillLocked(command, outcome, turn) : outcome;
}

/** Call it last: a reply may tell how things stand at the end of the command. `before`: an older answer with the key. */
export function keep(
  command: Command,
  request: RequestKey,
  before: Answer | undefined,
  outcome: Outcome<unknown>,
  turn: Turn,
  overAt: number,
): void {
  const kept = command.type === 'fetchAndLock' && outcome.ok ? locked(outcome) : outcome;
  if (kept === undefined) return;
  const id = turn.ids.next();
  const forgotten = new Set<AnswerId>(before === undefined ? [] : [before.id]);
  if (isSweep(id)) for (const old of turn.state.answers.expired(overAt, FORGOTTEN_AT_ONCE)) forgotten.add(old.id);
  const answer: Answer = {
    id,
    ...request,
    // As it will be read again.
    outcome: JSON.parse(JSON.stringify(kept)) as Json,
    expiresAt: turn.now + turn.limits.answerKeptMs,
  };
  turn.emit({ type: 'requestAnswered', answer, forgotten: [...forgotten] });
}

/** Of a face, to which none of its commands had led. */
function isReply(value: unknown): boolean {
  return value !== null && typeof value === 'object' && 'keptReply' in value;
}

/** For one identity in 16, evenly whatever the steps are in which identities come. */
function isSweep(id: number): boolean {
  return Math.imul(id, 0x9e3779b1) >>> 28 === 0;
}

/** Undefined when there was none: who waits for tasks asks again with the same key. */
function locked(outcome: Outcome<unknown>): Outcome<{ readonly tasks: readonly KeptTask[] }> | undefined {
  if (!outcome.ok) return outcome;
  const { tasks } = outcome.value as ReplyOf<'fetchAndLock'>;
  if (tasks.length === 0) return undefined;
  return { ok: true, value: { tasks: tasks.map(({ task: { id, lockCount } }) => ({ id, lockCount })) } };
}

/** Those of its tasks that are still under that lock, with their variables of now: one that was given back is free for others. */
function stillLocked(
  command: CommandOf<'fetchAndLock'>,
  outcome: Outcome<unknown> & { readonly ok: true },
  turn: Turn,
): Outcome<ReplyOf<'fetchAndLock'>> {
  const { tasks } = outcome.value as { readonly tasks: readonly KeptTask[] };
  const held = tasks.flatMap(({ id, lockCount }) => {
    const task = turn.state.externalTasks.get(id);
    const request = command.topics.find(({ topic }) => topic === task?.topic);
    const isHeld = task?.lockCount === lockCount && task.workerId === command.workerId;
    return isHeld && request !== undefined ? [describe(turn, id, request)] : [];
  });
  return { ok: true, value: { tasks: held } };
}
