/** What is done with a user task: completed, assigned, changed. In no state but the open one. */
import type { CommandOf, Outcome, Variables } from '@procos/kernel';
import type { Asked } from '../asked.ts';
import { notFound, rejected, wrongState } from '../errors.ts';
import { findTask } from './task-rows.ts';

export type Changes = CommandOf<'updateUserTask'>['changes'];

export async function completeUserTask(asked: Asked, key: number, variables: Variables): Promise<void> {
  const { engine, by } = asked;
  check(asked, key, 'COMPLETE', await engine.submit({ type: 'completeUserTask', userTaskId: key, variables }, by));
}

/** `claim`: refused when somebody else has it. */
export async function assignUserTask(
  asked: Asked,
  key: number,
  assignee: string | null,
  claim: boolean,
): Promise<void> {
  const { engine, by } = asked;
  const outcome = await engine.submit({ type: 'assignUserTask', userTaskId: key, assignee, claim }, by);
  check(asked, key, claim ? 'CLAIM' : 'ASSIGN', outcome);
}

export async function updateUserTask(asked: Asked, key: number, changes: Changes): Promise<void> {
  const { engine, by } = asked;
  check(asked, key, 'UPDATE', await engine.submit({ type: 'updateUserTask', userTaskId: key, changes }, by));
}

/** A task that is over is in another state; one that never was, or of which nothing is known any more, is not found. */
function check({ engine }: Asked, key: number, what: string, outcome: Outcome<unknown>): void {
  if (outcome.ok) return;
  const { rejection } = outcome;
  if (rejection.code !== 'NOT_FOUND') throw rejected(rejection);
  const over = findTask(engine, key);
  if (over === undefined)
    throw notFound(`Command '${what}' rejected with code 'NOT_FOUND': there is no user task with key '${key}'`);
  throw wrongState(
    `Command '${what}' rejected with code 'INVALID_STATE': user task '${key}' is in state '${over.state}'`,
  );
}
