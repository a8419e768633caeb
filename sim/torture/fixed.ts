/** The same fifty commands each time: one client does all of them one after the other, so that its n-th write is nearly always the same. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandOf } from '@procos/engine';
import { startBatch } from '@procos/kernel';
import type { TableName } from '@procos/store';
import { type Client, fetchOf } from './clients.ts';
import type { KernelProcess } from './kernel-process.ts';
import { MODELS, ORDER, PAID, REMINDER, TOPICS } from './models.ts';

const LOCK_MS = 60_000;

export async function workThrough(client: Client, kernel: KernelProcess): Promise<void> {
  await kernel.deploy(client.name, MODELS.replace('id="definitions"', 'id="definitions2"'));
  const orders: number[] = [];
  for (const bpmnProcessId of [ORDER, ORDER, REMINDER]) {
    const command = { type: 'createProcessInstance', definition: { bpmnProcessId } } as const;
    const started = await client.ask<'createProcessInstance'>(kernel, command);
    if (started.ok && bpmnProcessId === ORDER) orders.push(started.value.processInstanceId);
  }
  await client.ask(kernel, { type: 'publishMessage', name: 'nobody', correlationKey: 'k', timeToLiveMs: 50 });
  for (const id of orders) {
    const variables = { amount: { type: 'Integer', value: id } } as const;
    await client.ask(kernel, {
      type: 'setVariables',
      processInstanceId: id,
      scopeId: id,
      variables,
      local: true,
    });
  }
  const variables = { many: { type: 'Boolean', value: true } } as const;
  await client.ask(kernel, startBatch({ type: 'setVariables', variables }, orders));
  await tasks(client, kernel, true);
  await people(client, kernel);
  for (const processInstanceId of orders)
    await client.ask(kernel, { type: 'correlateMessage', name: PAID, processInstanceId, all: false });
  await noneLeft(kernel, 'timers', 'elementId', ['pause', 'again']);
  await tasks(client, kernel, false);
}

/** Every external task that there is, the first with all that can happen to one on its way. */
async function tasks(client: Client, kernel: KernelProcess, roundabout: boolean): Promise<void> {
  const topics = TOPICS;
  const fetched = await client.ask<'fetchAndLock'>(kernel, fetchOf(client.name, LOCK_MS, topics, 100), 100);
  const found = fetched.ok ? fetched.value.tasks : [];
  for (const [index, { task }] of found.entries()) {
    const externalTaskId = task.id;
    let holder = { externalTaskId, workerId: client.name, lockCount: task.lockCount };
    if (roundabout && index === 0) {
      await client.ask(kernel, { type: 'extendLock', ...holder, lockMs: LOCK_MS });
      await client.ask(kernel, { type: 'unlockExternalTask', externalTaskId });
      await client.ask(kernel, { type: 'setExternalTaskPriority', externalTaskId, priority: 7 });
      const again = await client.ask<'fetchAndLock'>(kernel, fetchOf(client.name, LOCK_MS, [task.topic]));
      holder = { ...holder, lockCount: again.ok ? (again.value.tasks[0]?.task.lockCount ?? 0) : 0 };
      await client.ask(kernel, failure(holder));
      await client.ask(kernel, { type: 'setExternalTaskRetries', externalTaskId, retries: 1 });
      await client.ask(kernel, { type: 'lockExternalTask', externalTaskId, workerId: client.name, lockMs: LOCK_MS });
      holder = { ...holder, lockCount: holder.lockCount + 1 };
    }
    await client.ask(kernel, { type: 'completeExternalTask', ...holder });
  }
}

type Holder = { readonly externalTaskId: number; readonly workerId: string; readonly lockCount: number };

function failure(holder: Holder): CommandOf<'failExternalTask'> {
  return { type: 'failExternalTask', ...holder, errorMessage: 'out of stock', retries: 0, retryAfterMs: 0 };
}

async function people(client: Client, kernel: KernelProcess): Promise<void> {
  for (const { id } of await kernel.find('userTasks')) {
    await client.ask(kernel, { type: 'assignUserTask', userTaskId: id, assignee: 'ada', claim: true });
    await client.ask(kernel, { type: 'updateUserTask', userTaskId: id, changes: { priority: 80 } });
    await client.ask(kernel, { type: 'completeUserTask', userTaskId: id });
  }
}

/** Until the kernel has rung the last of them by itself. */
async function noneLeft(kernel: KernelProcess, table: TableName, column: string, values: string[]): Promise<void> {
  for (let turn = 0; turn < 500; turn += 1) {
    const rows = await kernel.find(table);
    if (rows.every((row) => !values.includes(String(row[column])))) return;
    await sleep(10);
  }
}
