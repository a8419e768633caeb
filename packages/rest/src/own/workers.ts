/** `/api/workers`: who works, and what a worker says of itself. */

import type { WorkerStatus } from '@procos/kernel';
import type { WorkerList, WorkerRow } from '@procos/protocol';
import type { Call, JsonObject } from '../call.ts';
import { instant } from './instants.ts';
import { optionalText, optionalWhole, requiredText, textParameter, wrong } from './parameters.ts';

export function listWorkers(call: Call): WorkerList {
  const topic = textParameter(call, 'topic');
  const workers = call.kernel.workers.list().filter(({ topics }) => topic === undefined || topics.includes(topic));
  return { workers: workers.toReversed().map((worker) => workerRow(call, worker)) };
}

function workerRow({ engine }: Call, worker: WorkerStatus): WorkerRow {
  const { lastError } = worker;
  return {
    ...worker,
    firstSeenAt: instant(worker.firstSeenAt),
    seenAt: instant(worker.seenAt),
    locked: engine.count('externalTasks', {
      where: [
        { column: 'workerId', op: '=', value: worker.workerId },
        { column: 'availableAt', op: '>', value: engine.now() },
      ],
    }),
    lastError: lastError === null ? null : { ...lastError, at: instant(lastError.at) },
  };
}

export function announceWorker({ kernel, body }: Call): void {
  const workerId = requiredText(body, 'workerId');
  kernel.workers.announce({
    workerId,
    name: short(optionalText(body, 'name') ?? workerId, 'name'),
    version: short(optionalText(body, 'version') ?? null, 'version'),
    kind: short(optionalText(body, 'kind') ?? 'sdk', 'kind'),
    topics: textList(body, 'topics'),
    capacity: optionalWhole(body, 'capacity') ?? null,
  });
}

export function workerLeaves({ kernel, params }: Call): void {
  kernel.workers.leaves(params['workerId'] ?? '');
}

const MOST_CHARACTERS = 200;
const MOST_ITEMS = 100;

export function short<T extends string | null>(text: T, name: string): T {
  if (text !== null && text.length > MOST_CHARACTERS)
    throw wrong(`Member ${name} is longer than ${MOST_CHARACTERS} characters.`);
  return text;
}

export function textList(body: JsonObject, name: string): readonly string[] {
  const value = body[name] ?? [];
  if (!Array.isArray(value) || value.length > MOST_ITEMS || !value.every((item) => typeof item === 'string'))
    throw wrong(`Member ${name} must be a list of at most ${MOST_ITEMS} texts.`);
  return value.map((item) => short(item as string, name));
}
