/** Recoveries on a real kernel with the real processes and tables of the system. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { LogRecord } from '@procos/engine';
import { createMemoryStore, openSqliteStore, StorageFull, type Store } from '@procos/store';
import type { KernelOptions, RunningKernel } from '../kernel-options.ts';
import { thisMachine } from '../machine.ts';
import { manualClock, QUIET } from '../testing/clock.ts';
import { ADA, BOB, complete, deploy, deployOrder, fail, failingOrder, fetch } from '../testing/failing-orders.ts';
import { deployTable, SHIPPED_TABLE, tableWith } from '../testing/recovery-table.ts';
import { standsAt, startTestKernel, until as untilWithin } from '../testing/system.ts';
import { Pace } from './pace.ts';

const CRASH = fileURLToPath(new URL('../testing/crash-recovery.ts', import.meta.url));
const RECOVERY = 'procos_system_error_recovery';

async function opened(options: Partial<KernelOptions> = {}) {
  const store: Store = options.store ?? createMemoryStore();
  const kernel = await startTestKernel({ ...options, store });
  await kernel.ready;
  await deployOrder(kernel);
  return {
    kernel,
    store,
    async [Symbol.asyncDispose]() {
      await kernel.requestShutdown(ADA, 'test');
      await kernel.stopped;
    },
  };
}

/** Machines are busy: what is to come true has half a minute for it. */
const until = (kernel: RunningKernel, condition: () => boolean, ms = 30_000): Promise<void> =>
  untilWithin(kernel, condition, ms);
const of = (bpmnProcessId: string) => [{ column: 'bpmnProcessId', op: '=', value: bpmnProcessId }] as const;
const recoveries = ({ engine }: RunningKernel) => engine.find('processInstances', { where: of(RECOVERY) });
const incidents = ({ engine }: RunningKernel) => engine.find('incidents', { where: of('order') });
const history = ({ engine }: RunningKernel) => engine.find('incidentHistory', { where: of('order') });
const instance = ({ engine }: RunningKernel, id: number) =>
  engine.find('processInstances', { where: [{ column: 'id', op: '=', value: id }] })[0];
const allEnded = (kernel: RunningKernel) => recoveries(kernel).every(({ endedAt }) => endedAt !== null);
async function recovered(kernel: RunningKernel, count = 1): Promise<void> {
  await until(kernel, () => recoveries(kernel).length === count && allEnded(kernel));
}
/** Records whose item says why it was done. */
function audit({ engine }: RunningKernel): readonly { readonly by: string; readonly why: string; record: LogRecord }[] {
  return engine.records(0, 100_000).flatMap((record) =>
    record.events.flatMap((event) => {
      if (event.type !== 'externalTaskItemDone' || event.why === undefined) return [];
      return [{ by: `${record.by.kind}:${record.by.id}`, why: event.why, record }];
    }),
  );
}

const RETRY = {
  when: { kind: '"incident"', process: '"order"', attempt: '<= 3' },
  gives: { action: '"retry"', reason: '"orders are tried again"' },
} as const;

test('as shipped nothing is done about an incident: it waits for a person', async () => {
  await using system = await opened();
  const { kernel } = system;
  await failingOrder(kernel);
  const [incident] = incidents(kernel);
  assert.ok(incident !== undefined);
  const plan = kernel.recovery.planFor(incident.id);
  assert.deepEqual([plan?.rule, plan?.severity, plan?.facts['topic']], [null, 'normal', 'charge']);
  await deployTable(kernel, `${SHIPPED_TABLE}<!-- read anew -->`);
  assert.deepEqual([recoveries(kernel).length, incidents(kernel).length], [0, 1]);
});

test('a row that is added while the system runs acts at once, also on what waits already, and the incident knows its recovery', async () => {
  await using system = await opened();
  const { kernel } = system;
  const id = await failingOrder(kernel);
  await deployTable(kernel, tableWith(RETRY));
  await recovered(kernel);
  const [recovery] = recoveries(kernel);
  const [row] = history(kernel);
  assert.deepEqual([row?.state, row?.recoveryId, row?.recoveryAttempt], ['resolved', recovery?.id, 1]);
  assert.equal(recovery?.state, 'completed');
  await complete(kernel, 'charge');
  assert.deepEqual(standsAt(kernel, id), ['by_hand']);

  const [entry] = audit(kernel);
  assert.equal(entry?.by, `kernel:recovery ${recovery?.id}`);
  assert.equal(entry?.why, 'recovery by retry: orders are tried again');
  assert.ok(entry?.record.events.some(({ type }) => type === 'incidentResolved'));
  const decided = kernel.engine.find('decisionInstances', {
    where: [{ column: 'processInstanceId', op: '=', value: recovery?.id ?? 0 }],
  });
  assert.deepEqual(decided.map(({ decisionId, version }) => [decisionId, version]).sort(), [
    ['procos_system_incident_severity', 2],
    ['procos_system_recovery', 2],
  ]);
});

test('an incident is not forgotten when the disk has no room to tell what is needed for it', async () => {
  const store = createMemoryStore();
  let refusals = 0;
  const full = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name !== 'find') return typeof value === 'function' ? value.bind(target) : value;
      return (table: string, ...rest: unknown[]) => {
        if (table === 'incidentHistory' && refusals > 0) {
          refusals -= 1;
          throw new StorageFull('disk full');
        }
        return (value as (...args: unknown[]) => unknown).call(target, table, ...rest);
      };
    },
  });
  await using system = await opened({ store: full });
  const { kernel } = system;
  await deployTable(kernel, tableWith(RETRY));
  refusals = 1;
  await failingOrder(kernel);
  await recovered(kernel);
  assert.equal(refusals, 0);
});

test('variables are set where they stand, then it is tried again', async () => {
  await using system = await opened();
  const { kernel } = system;
  const gives = { action: '"set_variables"', parameters: '{values: {currency: "EUR"}}', reason: '"no currency"' };
  await deployTable(kernel, tableWith({ when: { message: 'contains(?, "currency")' }, gives }));
  const id = await failingOrder(kernel, 'unknown currency', { currency: { type: 'String', value: 'DM' } });
  await recovered(kernel);
  const where = [{ column: 'processInstanceId', op: '=', value: id }] as const;
  const [variable] = kernel.engine.find('variables', { where });
  assert.deepEqual([variable?.name, variable?.value], ['currency', 'EUR']);
  assert.match(variable?.updatedBy ?? '', /^kernel:recovery \d+$/);
  assert.deepEqual(
    audit(kernel).map(({ why }) => why),
    ['recovery by set_variables: no currency', 'recovery by set_variables: no currency'],
  );
  await complete(kernel, 'charge');
});

test('a token is moved to another element', async () => {
  await using system = await opened();
  const { kernel } = system;
  const gives = { action: '"move"', parameters: '{target: "by_hand"}' };
  await deployTable(kernel, tableWith({ when: { element: '"charge"', topic: '"charge"' }, gives }));
  const id = await failingOrder(kernel);
  await recovered(kernel);
  assert.deepEqual(standsAt(kernel, id), ['by_hand']);
  assert.equal(audit(kernel)[0]?.why, 'recovery by move');
});

test('what is given up undoes first what it has done, and the reason stands with it', async () => {
  await using system = await opened();
  const { kernel } = system;
  const gives = { action: '"compensate"', reason: '"the card is stolen"' };
  await deployTable(kernel, tableWith({ when: { kind: '"incident"' }, gives }));
  const id = await failingOrder(kernel);
  await recovered(kernel);
  assert.deepEqual(standsAt(kernel, id).includes('release'), true);
  await complete(kernel, 'release');
  await until(kernel, () => instance(kernel, id)?.state === 'canceled');
  assert.equal(instance(kernel, id)?.reason, 'recovery by compensate: the card is stolen');
});

test('a person is asked, with the facts and the choices, and the choice is carried out', async () => {
  await using system = await opened();
  const { kernel } = system;
  await deployTable(kernel, tableWith({ when: { kind: '"incident"' }, gives: { action: '"escalate"' } }));
  const id = await failingOrder(kernel);
  await until(kernel, () => kernel.engine.count('userTasks') === 1);
  const [task] = kernel.engine.find('userTasks');
  assert.deepEqual(task?.candidateGroups, ['admin']);
  const decide = async (decision: Record<string, string>) => {
    const variables = Object.fromEntries(
      Object.entries(decision).map(([name, value]) => [name, { type: 'String', value } as const]),
    );
    const userTaskId = kernel.engine.find('userTasks')[0]?.id ?? 0;
    const outcome = await kernel.engine.submit({ type: 'completeUserTask', userTaskId, variables, form: true }, ADA);
    assert.ok(outcome.ok, JSON.stringify(outcome));
  };
  const text = (name: string) =>
    kernel.engine.find('variables', { where: [{ column: 'name', op: '=', value: name }] }).at(-1)?.value;
  assert.match(
    String(text('summary')),
    /^failedExternalTask at charge of order, process \d+, attempt 1: no route to host$/,
  );

  await decide({ decision: 'move', target: 'nowhere', note: 'try there' });
  await until(
    kernel,
    () => kernel.engine.count('userTasks') === 1 && kernel.engine.find('userTasks')[0]?.id !== task?.id,
  );
  assert.match(String(text('problem')), /nowhere/, 'what went wrong is told to who decides again');

  await decide({ decision: 'move', target: 'by_hand', note: 'Bob charges it' });
  await recovered(kernel);
  assert.deepEqual(standsAt(kernel, id), ['by_hand']);
  assert.equal(audit(kernel).at(-1)?.why, 'recovery by move: Bob charges it');
});

test('it pauses as the row says, and after so many attempts a person is asked', async () => {
  const clock = manualClock();
  await using system = await opened({ clock });
  const { kernel } = system;
  const gives = { action: '"retry"', pause: '"PT20S"', max_attempts: '2' };
  await deployTable(kernel, tableWith({ when: { process: '"order"' }, gives }));
  await failingOrder(kernel);
  for (const attempt of [1, 2]) {
    await until(kernel, () => recoveries(kernel).length === attempt && kernel.engine.count('timers') > 0);
    assert.deepEqual(standsAt(kernel, recoveries(kernel).at(-1)?.id ?? 0), ['pause']);
    assert.equal(incidents(kernel).length, 1);
    clock.advance(20_000);
    const tick = setInterval(() => clock.advance(10), 5);
    await until(kernel, () => incidents(kernel).length === 0).finally(() => clearInterval(tick));
    await fail(kernel, 'charge');
  }
  await until(kernel, () => kernel.engine.count('userTasks') === 1);
  assert.equal(recoveries(kernel).length, 3);
});

test('after ten attempts nothing is tried any more, whatever the table says', async () => {
  await using system = await opened();
  const { kernel } = system;
  await deployTable(kernel, tableWith({ when: {}, gives: { action: '"retry"' } }));
  await failingOrder(kernel);
  for (let attempt = 1; attempt <= 10; attempt += 1) await fail(kernel, 'charge');
  await until(kernel, () => allEnded(kernel));
  const [last] = incidents(kernel);
  assert.match(kernel.recovery.planFor(last?.id ?? 0)?.without ?? '', /10 recoveries at this element already/);
  assert.deepEqual(
    history(kernel).map(({ recoveryAttempt }) => recoveryAttempt),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, undefined],
  );
  assert.equal(recoveries(kernel).length, 10);
});

test('a token that is moved back again and again is bounded, too: a new visit of the element is the next attempt', async () => {
  await using system = await opened();
  const { kernel } = system;
  const gives = { action: '"move"', parameters: '{target: "charge"}' };
  await deployTable(kernel, tableWith({ when: { element: '"charge"' }, gives }));
  await failingOrder(kernel);
  for (let attempt = 1; attempt <= 10; attempt += 1) await fail(kernel, 'charge');
  await until(kernel, () => allEnded(kernel));
  assert.equal(recoveries(kernel).length, 10);
  assert.equal(incidents(kernel)[0]?.recoveryId, undefined);
});

test('a process that a row names is called with what is known, and may choose the action', async () => {
  await using system = await opened();
  const { kernel } = system;
  await deploy(
    kernel,
    'mine.bpmn',
    `<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t"><bpmn:process id="my_recovery" isExecutable="true"><bpmn:startEvent id="s" /><bpmn:serviceTask id="ask" camunda:type="external" camunda:topic="ask_around" /><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="ask" /></bpmn:process></bpmn:definitions>`,
  );
  const gives = { process: '"my_recovery"', parameters: '{tone: "kind"}' };
  await deployTable(kernel, tableWith({ when: { process: '"order"' }, gives }));
  const id = await failingOrder(kernel);
  const { task, variables } = await fetch(kernel, 'ask_around');
  assert.deepEqual(
    ['element', 'attempt', 'message', 'tone', 'severity'].map((name) => variables[name]?.value),
    ['charge', 1, 'no route to host', 'kind', 'normal'],
  );
  const results = {
    action: { type: 'String', value: 'move' },
    parameters: { type: 'Json', value: { target: 'by_hand' } },
  } as const;
  const done = { type: 'completeExternalTask', externalTaskId: task.id, workerId: BOB, variables: results } as const;
  assert.ok((await kernel.engine.submit(done, ADA)).ok);
  await recovered(kernel);
  assert.deepEqual(standsAt(kernel, id), ['by_hand']);
});

test('a process of the system acts itself, on the incidents of its recovery and on no others', async () => {
  await using system = await opened();
  const { kernel } = system;
  const model = (topic: string, incidentsOf: string) =>
    `<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:procos="http://procos.dev/schema/1.0" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t"><bpmn:process id="procos_system_my_recovery" isExecutable="true" camunda:historyTimeToLive="P1D"><bpmn:extensionElements><procos:security><procos:allowedTasks><procos:task topic="${topic}" /></procos:allowedTasks></procos:security></bpmn:extensionElements><bpmn:startEvent id="s" /><bpmn:serviceTask id="act" camunda:type="external" camunda:topic="${topic}"><bpmn:extensionElements><camunda:inputOutput>${incidentsOf}<camunda:outputParameter name="problem">\${problem}</camunda:outputParameter></camunda:inputOutput></bpmn:extensionElements></bpmn:serviceTask><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="act" /></bpmn:process></bpmn:definitions>`;
  await failingOrder(kernel, 'first');
  const [other] = incidents(kernel);
  const foreign = `<camunda:inputParameter name="incidents"><camunda:list><camunda:value>\${${other?.id}}</camunda:value></camunda:list></camunda:inputParameter>`;
  const row = { when: { message: '"second"' }, gives: { action: '"none"', process: '"procos_system_my_recovery"' } };
  await deploy(kernel, 'mine.bpmn', model('procos.incident.retry', foreign), 'system');
  await deployTable(kernel, tableWith(row));
  await failingOrder(kernel, 'second');
  await recovered(kernel);
  assert.equal(incidents(kernel).length, 2, 'nothing was done about the one that is not its own');
  const problems = kernel.engine.find('variables', { where: [{ column: 'name', op: '=', value: 'problem' }] });
  assert.match(JSON.stringify(problems.map(({ value }) => value)), /is not one that process \d+ recovers/);

  await deploy(kernel, 'mine.bpmn', model('procos.incident.retry', ''), 'system');
  await failingOrder(kernel, 'second');
  await until(kernel, () => recoveries(kernel).length === 2 && allEnded(kernel));
  assert.equal(incidents(kernel).length, 2);
});

test('what fails inside a recovery has no recovery of its own', async () => {
  await using system = await opened();
  const { kernel } = system;
  const row = { when: {}, gives: { process: '"nowhere_to_be_found"' } };
  await deployTable(kernel, tableWith(row));
  await failingOrder(kernel);
  const inRecovery = () => kernel.engine.find('incidents', { where: of(RECOVERY) });
  await until(kernel, () => inRecovery().length === 1);
  const [incident] = inRecovery();
  assert.match(incident?.message ?? '', /nowhere_to_be_found/);
  assert.match(kernel.recovery.planFor(incident?.id ?? 0)?.without ?? '', /inside a recovery/);
  await deployTable(kernel, `${tableWith(row)}<!-- looked at again -->`);
  assert.deepEqual([recoveries(kernel).length, incident?.recoveryId], [1, undefined]);
});

test('many incidents that are alike share few recoveries, which all of them get', async () => {
  const orders = 2_000;
  await using system = await opened();
  const { kernel } = system;
  await deployTable(kernel, tableWith({ when: { process: '"order"', attempt: '1' }, gives: { action: '"retry"' } }));
  const running = new Set<number>();
  let most = 0;
  kernel.engine.onCommitted((records) => {
    for (const event of records.flatMap(({ events }) => events)) {
      if (event.type === 'processInstanceCreated' && event.bpmnProcessId === RECOVERY)
        running.add(event.processInstanceId);
      else if (event.type === 'processInstanceCompleted') running.delete(event.processInstanceId);
      most = Math.max(most, running.size);
    }
  });
  const definition = { bpmnProcessId: 'order' };
  for (let begun = 0; begun < orders; begun += 250) {
    const some = Array.from({ length: 250 }, () =>
      kernel.engine.submit(
        {
          type: 'createProcessInstance',
          definition,
          startInstructions: [{ kind: 'startBefore', elementId: 'charge' }],
        },
        ADA,
      ),
    );
    await Promise.all(some);
  }
  const fetched = await kernel.engine.submit<'fetchAndLock'>(
    {
      type: 'fetchAndLock',
      workerId: BOB,
      maxTasks: orders,
      usePriority: false,
      topics: [{ topic: 'charge', lockMs: 600_000 }],
    },
    ADA,
  );
  assert.ok(fetched.ok);
  assert.equal(fetched.value.tasks.length, orders);
  await Promise.all(
    fetched.value.tasks.map(({ task }, index) => {
      const failure = { errorMessage: `order ${index} failed`, retries: 0, retryAfterMs: 0 };
      return kernel.engine.submit(
        { type: 'failExternalTask', externalTaskId: task.id, workerId: BOB, ...failure },
        ADA,
      );
    }),
  );
  await until(kernel, () => kernel.engine.count('incidents') === 0 && allEnded(kernel), 60_000);
  const rows = history(kernel);
  assert.equal(rows.length, orders);
  assert.ok(rows.every(({ state, recoveryAttempt }) => state === 'resolved' && recoveryAttempt === 1));
  assert.ok(most > 0 && most <= 4, `${most} recoveries at once`);
  const summaries = kernel.engine.find('variables', { where: [{ column: 'name', op: '=', value: 'summary' }] });
  for (const { value, processInstanceId } of summaries) {
    const first = rows.find(({ recoveryId }) => recoveryId === processInstanceId);
    assert.ok(String(value).endsWith(first?.message ?? '-'), `${value} is about ${first?.message}`);
  }
  assert.ok(recoveries(kernel).length <= orders / 20, `${recoveries(kernel).length} recoveries`);
});

test('no more than ten a second begin on average, fifty at once', () => {
  let now = 0;
  const pace = new Pace({ now: () => now, atOnce: 50, perSecond: 10 });
  const take = (): number => {
    let taken = 0;
    while (pace.take()) taken += 1;
    return taken;
  };
  assert.deepEqual([take(), pace.waitMs], [50, 100]);
  now += 100;
  assert.equal(take(), 1);
  now += 60_000;
  assert.equal(take(), 50);
});

for (const [stage, what] of [
  ['incidentRaised', 'before its recovery begins'],
  ['recoveryStarted', 'with the record that begins its recovery'],
] as const) {
  test(`an incident of a kernel that is killed ${what} has one recovery after the next start`, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'procos-recovery-'));
    try {
      const child = spawn(process.execPath, [CRASH, directory, stage], { stdio: ['ignore', 'inherit', 'inherit'] });
      assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL']);
      await using system = await opened({ store: openSqliteStore({ directory }) });
      const { kernel } = system;
      await recovered(kernel);
      await complete(kernel, 'charge');
      assert.deepEqual(
        history(kernel).map(({ state, recoveryId }) => [state, recoveryId]),
        [['resolved', recoveries(kernel)[0]?.id]],
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}

test('a table that cannot be evaluated starts nothing, says so once, and is mended by the version before', async () => {
  await using system = await opened();
  const { kernel } = system;
  await deployTable(kernel, tableWith(RETRY));
  const broken = tableWith(RETRY).replace('<text>process</text>', '<text>${nobody.knows}</text>');
  await deployTable(kernel, broken.replace('id="recovery_process_expression"', '$& expressionLanguage="juel"'));
  for (const _ of [1, 2]) await failingOrder(kernel);
  const said = () => kernel.log.recent(500).filter(({ event }) => event === 'recovery_table_failed');
  await until(kernel, () => incidents(kernel).length === 2);
  const plan = kernel.recovery.planFor(incidents(kernel)[0]?.id ?? 0);
  assert.deepEqual(
    [recoveries(kernel).length, said().length, plan?.rule ?? null],
    [0, plan?.problem === null ? 0 : 1, null],
  );
  await deployTable(kernel, tableWith(RETRY));
  await until(kernel, () => incidents(kernel).length === 0);
});

test('a recovery begins and acts without any time going by: nothing is polled', async () => {
  await using system = await opened({ clock: manualClock() });
  const { kernel } = system;
  await deployTable(kernel, tableWith(RETRY));
  await failingOrder(kernel);
  await recovered(kernel);
  assert.equal(incidents(kernel).length, 0);
});

test('what the health check finds has one recovery at a time, and as shipped a full disk is a task for a person', async () => {
  const clock = manualClock(QUIET);
  let free = 1_000_000_000;
  const machine = { ...thisMachine, freeDiskBytes: async () => free };
  const directory = mkdtempSync(join(tmpdir(), 'procos-recovery-'));
  try {
    await using system = await opened({ clock, machine, store: openSqliteStore({ directory }) });
    const { kernel } = system;
    free = 1_000;
    const checks = (state: string) =>
      kernel.engine
        .find('processInstances', { where: of('procos_system_health_monitoring') })
        .filter((check) => check.state === state).length;
    clock.advance(30_000);
    await until(kernel, () => kernel.engine.count('userTasks') === 1);
    const [recovery] = recoveries(kernel);
    assert.equal(recovery?.businessKey, 'health disk_low');
    clock.advance(30_000);
    await until(kernel, () => checks('completed') === 1);
    assert.deepEqual([recoveries(kernel).length, checks('active')], [1, 1]);
    const userTaskId = kernel.engine.find('userTasks')[0]?.id ?? 0;
    free = 1_000_000_000;
    const left = { decision: { type: 'String', value: 'none' } } as const;
    assert.ok((await kernel.engine.submit({ type: 'completeUserTask', userTaskId, variables: left }, ADA)).ok);
    await until(kernel, () => checks('completed') === 2);
    assert.equal(recoveries(kernel)[0]?.state, 'completed');
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('what waits for a person keeps back its like, and nothing that goes by itself', async () => {
  await using system = await opened();
  const { kernel } = system;
  const asking = { when: { message: '"ask"' }, gives: { action: '"escalate"' } };
  await deployTable(kernel, tableWith(asking, RETRY));
  for (let asked = 1; asked <= 6; asked += 1) {
    await failingOrder(kernel, 'ask');
    await until(kernel, () => kernel.engine.count('userTasks') === Math.min(asked, 4));
  }
  await failingOrder(kernel);
  await until(kernel, () => audit(kernel).length === 1);
  const open = incidents(kernel);
  assert.deepEqual([open.length, open.filter(({ recoveryId }) => recoveryId === undefined).length], [6, 2]);
  const userTaskId = kernel.engine.find('userTasks')[0]?.id ?? 0;
  const left = { decision: { type: 'String', value: 'none' } } as const;
  assert.ok((await kernel.engine.submit({ type: 'completeUserTask', userTaskId, variables: left }, ADA)).ok);
  await until(kernel, () => incidents(kernel).every(({ recoveryId }) => recoveryId !== undefined));
  assert.equal(kernel.engine.count('userTasks'), 4, 'the two that waited share a task');
});
