/** The kernel's own worker: results are local, failures are tried again and then wait in an incident. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command, LockedTask } from '@procos/engine';
import { createMemoryStore } from '@procos/store';
import { createGate } from '../gate.ts';
import { Directory } from '../identity/directory.ts';
import type { ProcessEngine } from '../process-engine.ts';
import { manualClock, settle } from '../testing/clock.ts';
import { quietLog } from '../testing/system.ts';
import { Hopeless, Postponed, type SystemCall } from './contract.ts';
import { SystemCallWorker } from './worker.ts';

/** An engine with one task to hand out, deployed from `source`. */
async function serve(run: SystemCall['run'], task: { retries?: number; source?: string; declared?: boolean } = {}) {
  const submitted: Command[] = [];
  const clock = manualClock();
  const locked = {
    task: {
      id: 9,
      topic: 'procos.test',
      processInstanceId: 5,
      definitionId: 3,
      bpmnProcessId: 'p',
      lockCount: 2,
      retries: task.retries ?? null,
      errorMessage: null,
    },
    variables: { host: { type: 'String', value: 'workers' } },
    ...(task.declared === false ? {} : { capabilities: { tasks: [{ name: 'procos.test' }] } }),
  } as unknown as LockedTask;
  let handedOut = false;
  const engine = {
    find: (table: string) =>
      table === 'definitions'
        ? [{ id: 3, deploymentId: 4 }]
        : table === 'deployments'
          ? [{ source: task.source ?? 'system' }]
          : [],
    fetchAndLock: async () => {
      if (handedOut) return new Promise(() => {});
      handedOut = true;
      return { ok: true, value: { tasks: [locked] } };
    },
    submit: async (command: Command) => {
      submitted.push(command);
      return { ok: true, value: {} };
    },
  } as unknown as ProcessEngine;
  const worker = new SystemCallWorker({
    engine,
    calls: [{ topic: 'procos.test', run }],
    gate: createGate({ authentication: 'none' }, new Directory((read) => read(createMemoryStore().state.identities))),
    log: quietLog(),
    clock,
    lockMs: 9_000,
  });
  worker.start();
  await settle();
  return { submitted, clock };
}

test('a result is set locally, under the fencing token of the lock, and what follows runs after it', async () => {
  const order: string[] = [];
  const { submitted } = await serve(async (task) => {
    order.push('run');
    return {
      variables: { seen: task.input('host'), none: task.input('nothing') },
      afterwards: () => order.push('after'),
    };
  });
  assert.deepEqual(submitted, [
    {
      type: 'completeExternalTask',
      externalTaskId: 9,
      workerId: 'kernel',
      lockCount: 2,
      localVariables: { seen: { type: 'String', value: 'workers' }, none: { type: 'Null', value: null } },
    },
  ]);
  assert.deepEqual(order, ['run', 'after']);
});

test('failures are tried again after 1 and 2 seconds; the third waits in an incident', async () => {
  const seen = [];
  for (const retries of [undefined, 2, 1]) {
    const { submitted } = await serve(
      async () => {
        throw new Error('no luck');
      },
      retries === undefined ? {} : { retries },
    );
    const [command] = submitted;
    assert.ok(command?.type === 'failExternalTask' && command.errorMessage === 'no luck');
    seen.push([command.retries, command.retryAfterMs]);
  }
  assert.deepEqual(seen, [
    [2, 1_000],
    [1, 2_000],
    [0, 0],
  ]);
});

test('a hopeless failure waits in an incident at once', async () => {
  const { submitted } = await serve(async () => {
    throw new Hopeless('never');
  });
  assert.ok(submitted[0]?.type === 'failExternalTask' && submitted[0].retries === 0);
});

test('a process from elsewhere is refused and its call does not run', async () => {
  let ran = false;
  const run = async () => {
    ran = true;
    return {};
  };
  const { submitted } = await serve(run, { source: 'console' });
  assert.equal(ran, false);
  assert.ok(submitted[0]?.type === 'failExternalTask' && /source "system"/.test(submitted[0].errorMessage ?? ''));
});

test('a process that does not declare the call is refused, whatever the engine has decided before', async () => {
  let ran = false;
  const run = async () => {
    ran = true;
    return {};
  };
  const { submitted } = await serve(run, { declared: false });
  assert.equal(ran, false);
  assert.ok(submitted[0]?.type === 'failExternalTask' && submitted[0].retries === 0);
  assert.match(submitted[0].errorMessage ?? '', /procos\.test is not declared/);
});

test('the lock is extended while the call runs', async () => {
  const { submitted, clock } = await serve(() => new Promise(() => {}));
  clock.advance(6_000);
  assert.deepEqual(
    submitted.map(({ type }) => type),
    ['extendLock', 'extendLock'],
  );
});

test('a call that is postponed gives its task back and has not failed', async () => {
  const { submitted } = await serve(async () => {
    throw new Postponed('not now');
  });
  assert.deepEqual(submitted, [{ type: 'unlockExternalTask', externalTaskId: 9, lockCount: 2 }]);
});
