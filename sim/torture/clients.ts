/** Concurrent clients of a kernel process: each writes what was acknowledged to it into a journal of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command, CommandOf, CommandType, Outcome, ReplyOf } from '@procos/engine';
import type { Chance } from '../random.ts';
import { type KernelProcess, Unanswered } from './kernel-process.ts';
import { ORDER, PAID, REMINDER, TOPICS } from './models.ts';

export interface Acknowledged {
  readonly by: string;
  readonly command: Command;
  readonly value: unknown;
}

/** Instances under way at most: a round is about faults, not about load. */
const MAX_UNDER_WAY = 12;
const LOCK_MS = 1_000;
const PAUSE_MS = 20;
/** Who does the fixed work. */
export const FIXED = 'fixed';

/** One client over all lives of a store. */
export class Client {
  /** What it does, a key of `WORK`. */
  readonly role: string;
  /** Different for clients of different runs on one store, so that the log tells their commands apart. */
  readonly name: string;
  /** What was accepted, in the order in which it heard of it. */
  readonly journal: Acknowledged[] = [];
  /** Everything it has asked for, answered or not. */
  readonly asked: Map<string, Command> = new Map();
  /** What was refused for want of room: as if it had never been asked for. */
  readonly refused: string[] = [];

  constructor(role: string, run: string) {
    this.role = role;
    this.name = `${role}${run}`;
  }

  async ask<T extends CommandType>(
    kernel: KernelProcess,
    command: CommandOf<T>,
    waitMs = 0,
  ): Promise<Outcome<ReplyOf<T>>> {
    const by = `${this.name}/${this.asked.size + 1}`;
    this.asked.set(by, command as Command);
    const outcome = await kernel.ask<T>(by, command, waitMs).catch((error: unknown) => {
      if (error instanceof Unanswered && error.code === 'STORAGE_FULL') this.refused.push(by);
      throw error;
    });
    if (outcome.ok) this.journal.push({ by, command: command as Command, value: outcome.value });
    return outcome;
  }
}

type Work = (client: Client, kernel: KernelProcess, chance: Chance) => Promise<void>;

/** What each client does again and again until the kernel is gone. */
const WORK: Readonly<Record<string, Work>> = {
  starter: start,
  worker1: work,
  worker2: work,
  worker3: work,
  clerk: decide,
  payer: pay,
  mender: mend,
};
const USUAL: readonly string[] = Object.keys(WORK).filter((role) => role !== 'mender');

/** `run`: part of their names. */
export function createClients(run = '', roles: readonly string[] = USUAL): readonly Client[] {
  return roles.map((role) => new Client(role, run));
}

/** Everybody works until the kernel ends; resolves then. */
export async function workUntilEnded(
  clients: readonly Client[],
  kernel: KernelProcess,
  chance: Chance,
  only: (role: string) => boolean = () => true,
): Promise<void> {
  await Promise.all(clients.filter(({ role }) => only(role)).map((client) => repeat(client, kernel, chance)));
}

async function repeat(client: Client, kernel: KernelProcess, chance: Chance): Promise<void> {
  const work = WORK[client.role];
  while (kernel.alive && work !== undefined) {
    try {
      await work(client, kernel, chance);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      // Dead, or it cannot just now.
      await sleep(PAUSE_MS);
    }
  }
}

async function start(client: Client, kernel: KernelProcess, chance: Chance): Promise<void> {
  const active = await kernel.find('processInstances', [{ column: 'state', op: '=', value: 'active' }]);
  if (active.length > MAX_UNDER_WAY) {
    await sleep(10);
    return;
  }
  const bpmnProcessId = chance.below(4) === 0 ? REMINDER : ORDER;
  await client.ask(kernel, { type: 'createProcessInstance', definition: { bpmnProcessId } });
}

async function work(client: Client, kernel: KernelProcess, chance: Chance): Promise<void> {
  const fetched = await client.ask(kernel, fetchOf(client.name, LOCK_MS), 200);
  if (!fetched.ok) return;
  for (const { task } of fetched.value.tasks) {
    const holder = { externalTaskId: task.id, workerId: client.name, lockCount: task.lockCount };
    const what = chance.below(20);
    // Forgotten: the lock ends by itself.
    if (what === 0) continue;
    if (what === 1) {
      await client.ask(kernel, {
        type: 'failExternalTask',
        ...holder,
        errorMessage: 'once more',
        retries: 3,
        retryAfterMs: 20,
      });
      continue;
    }
    if (what === 2) await client.ask(kernel, { type: 'extendLock', ...holder, lockMs: LOCK_MS });
    await client.ask(kernel, { type: 'completeExternalTask', ...holder });
  }
}

export function fetchOf(workerId: string, lockMs: number, topics = TOPICS, maxTasks = 2): CommandOf<'fetchAndLock'> {
  return {
    type: 'fetchAndLock',
    workerId,
    maxTasks,
    usePriority: false,
    topics: topics.map((topic) => ({ topic, lockMs })),
  };
}

async function decide(client: Client, kernel: KernelProcess): Promise<void> {
  const tasks = await kernel.find('userTasks', [], 4);
  for (const { id } of tasks) await client.ask(kernel, { type: 'completeUserTask', userTaskId: id });
  if (tasks.length === 0) await sleep(10);
}

async function pay(client: Client, kernel: KernelProcess): Promise<void> {
  const waiting = await kernel.find('subscriptions', [{ column: 'name', op: '=', value: PAID }], 4);
  for (const { processInstanceId } of waiting)
    await client.ask(kernel, {
      type: 'correlateMessage',
      name: PAID,
      processInstanceId: Number(processInstanceId),
      all: false,
    });
  if (waiting.length === 0) await sleep(10);
}

/** Frees tasks that nobody may fetch any more, and those of the one who did the fixed work and is gone. */
async function mend(client: Client, kernel: KernelProcess): Promise<void> {
  const resting = await kernel.find('externalTasks', [{ column: 'retries', op: '=', value: 0 }], 4);
  for (const { id } of resting)
    await client.ask(kernel, { type: 'setExternalTaskRetries', externalTaskId: id, retries: 1 });
  const held = await kernel.find('externalTasks', [{ column: 'workerId', op: '=', value: FIXED }], 4);
  for (const { id } of held) await client.ask(kernel, { type: 'unlockExternalTask', externalTaskId: id });
  if (resting.length + held.length === 0) await sleep(10);
}

/** Resolves when the process of the backup has ended well. */
export async function backUp(client: Client, kernel: KernelProcess, file: string): Promise<void> {
  const started = await client.ask<'createProcessInstance'>(kernel, {
    type: 'createProcessInstance',
    definition: { bpmnProcessId: 'procos_system_backup' },
    variables: { file: { type: 'String', value: file } },
  });
  if (!started.ok) throw new Error(started.rejection.message);
  const { processInstanceId } = started.value;
  for (;;) {
    const [row] = await kernel.find('processInstances', [{ column: 'id', op: '=', value: processInstanceId }]);
    if (row?.['state'] === 'completed') return;
    await sleep(10);
  }
}
