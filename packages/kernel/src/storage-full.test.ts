/** A disk that is full at any statement of any commit: what is in memory is then what is on the disk, as a store that is opened anew finds it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StatementSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { readProcesses } from '@procos/bpmn';
import { apply, type Command, execute, type RequestKey, type State } from '@procos/engine';
import { backUpSqlite, openSqliteStore, StorageFull, type Store, type TableName } from '@procos/store';
import { CommandLoop } from './loop.ts';
import { manualClock, settle } from './testing/clock.ts';

const BY = { kind: 'user', id: 'ada' } as const;
const EVER = Number.MAX_SAFE_INTEGER;
const TOPICS = ['work', 'many'];
const LOCK_MS = 5_000;
const KEYS = 400;

const MODEL = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="http://procos.dev/tests">
  <bpmn:message id="m" name="go" />
  <bpmn:process id="order" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:serviceTask id="work" camunda:type="external" camunda:topic="work" />
    <bpmn:boundaryEvent id="late" attachedToRef="work" cancelActivity="false"><bpmn:timerEventDefinition><bpmn:timeDuration>PT20S</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>
    <bpmn:userTask id="look" />
    <bpmn:receiveTask id="wait" messageRef="m" />
    <bpmn:endEvent id="end" />
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="work" />
    <bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="wait" />
    <bpmn:sequenceFlow id="f3" sourceRef="wait" targetRef="end" />
    <bpmn:sequenceFlow id="f4" sourceRef="late" targetRef="look" />
  </bpmn:process>
  <bpmn:process id="many" isExecutable="true">
    <bpmn:startEvent id="begin" />
    <bpmn:serviceTask id="each" camunda:type="external" camunda:topic="many">
      <bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>70</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>
    </bpmn:serviceTask>
    <bpmn:sequenceFlow id="g1" sourceRef="begin" targetRef="each" />
  </bpmn:process>
</bpmn:definitions>`;

/** The same numbers for the same seed. */
function chanceOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

/** The disk is full at the statement that comes after so many, once. */
function fullDisk(context: TestContext) {
  const run = StatementSync.prototype.run as (...values: unknown[]) => unknown;
  const disk = { after: Number.POSITIVE_INFINITY, refused: 0 };
  context.mock.method(StatementSync.prototype, 'run', function (this: StatementSync, ...values: unknown[]) {
    const takesRoom = /^(INSERT|UPDATE|DELETE|COMMIT)/.test(this.sourceSQL);
    if (!takesRoom || disk.after-- > 0) return run.apply(this, values);
    disk.after = Number.POSITIVE_INFINITY;
    disk.refused += 1;
    throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
  });
  return disk;
}

const TABLES: readonly TableName[] = [
  'deployments',
  'definitions',
  'externalTasks',
  'userTasks',
  'timers',
  'subscriptions',
  'incidents',
  'processInstances',
  'elementInstances',
  'variables',
  'incidentHistory',
  'controls',
  'notes',
];

/** Everything that can be asked, as text where it is an object that lives on. */
function everything(store: Store, at: number): unknown {
  const { state, ids, lastSequence, lastAt } = store;
  const all = Array.from({ length: ids.last - 1_000 + 1 }, (_, index) => 1_000 + index);
  const of = (rows: { get(id: number): unknown }): unknown =>
    all.map((id) => rows.get(id)).filter((row) => row !== undefined);
  const tasks = state.externalTasks;
  const idsOf = (rows: Iterable<{ readonly id: number }>): number[] => [...rows].map(({ id }) => id);
  return structuredClone({
    lastSequence,
    lastAt,
    lastId: ids.last,
    singletons: state.singletons,
    rows: Object.fromEntries(
      (
        [
          'instances',
          'externalTasks',
          'userTasks',
          'timers',
          'subscriptions',
          'messages',
          'incidents',
          'controls',
          'notes',
        ] as const
      ).map((name) => [name, of(state[name] as State['notes'])]),
    ),
    topics: TOPICS.map((topic) => [
      tasks
        .definitions(topic)
        .toSorted()
        .map((id) => idsOf(tasks.freeOf(topic, id)))
        .filter(({ length }) => length > 0),
      idsOf(tasks.released(topic, at, false)),
      [false, true].map((byPriority) => idsOf(tasks.fetchable(topic, at, { byPriority, newestFirst: byPriority }))),
    ]),
    due: [idsOf(state.timers.due(EVER, EVER)), state.timers.nextDueAt()],
    ofTimers: state.timers
      .definitions()
      .toSorted()
      .map((id) => idsOf(state.timers.dueOf(id, EVER, EVER)))
      .filter(({ length }) => length > 0),
    expiring: [idsOf(state.messages.expired(EVER, EVER)), state.messages.nextExpiryAt()],
    waiting: ['1', '2', '3'].map((key) => [
      idsOf(state.messages.byKey('go', key)),
      idsOf(state.subscriptions.byBusinessKey('go', key)),
    ]),
    answers: Array.from({ length: KEYS }, (_, key) => state.answers.byKey(`key ${key}`)),
    latest: ['order', 'many'].map((id) => state.definitions.latest(id, null)?.version),
    control: state.controls.of({ kind: 'definition', tenantId: null, bpmnProcessId: 'order', version: null }),
    found: Object.fromEntries(TABLES.map((name) => [name, store.find(name)])),
    counted: ['work', 'wait', 'look', 'each'].map((value) =>
      store.count('elementInstances', { where: [{ column: 'elementId', op: '=', value }] }),
    ),
  });
}

/** The first few rows of a table that nobody has a plan for. */
function some<T extends TableName>(store: Store, table: T, chance: (below: number) => number) {
  const rows = store.find(table, { limit: 40 });
  return rows[chance(Math.max(1, rows.length))];
}

function anyCommand(store: Store, chance: (below: number) => number): Command {
  const task = some(store, 'externalTasks', chance);
  const timer = some(store, 'timers', chance);
  const userTask = some(store, 'userTasks', chance);
  const instance = some(store, 'processInstances', chance);
  const variables = { n: { type: 'Integer', value: chance(100) } } as const;
  const key = String(1 + chance(3));
  const held =
    task === undefined
      ? undefined
      : { externalTaskId: task.id, workerId: task.workerId ?? 'w', lockCount: task.lockCount };
  const choices: (Command | undefined)[] = [
    { type: 'createProcessInstance', definition: { bpmnProcessId: 'order' }, businessKey: key, variables },
    {
      type: 'createProcessInstance',
      definition: { bpmnProcessId: chance(6) === 0 ? 'many' : 'order' },
      businessKey: key,
    },
    {
      type: 'fetchAndLock',
      workerId: 'w',
      maxTasks: 1 + chance(8),
      usePriority: chance(2) === 0,
      topics: TOPICS.map((topic) => ({ topic, lockMs: LOCK_MS })),
    },
    held && { type: 'completeExternalTask', ...held, variables },
    held && { type: 'completeExternalTask', ...held },
    held && {
      type: 'failExternalTask',
      ...held,
      errorMessage: 'no',
      retries: chance(2),
      retryAfterMs: chance(2) * 3_000,
    },
    held && { type: 'unlockExternalTask', externalTaskId: held.externalTaskId },
    timer && { type: 'triggerTimer', timerId: timer.id },
    userTask && { type: 'completeUserTask', userTaskId: userTask.id, variables },
    instance && ({ type: 'cancelProcessInstance', processInstanceId: instance.id, reason: 'no more' } as Command),
    instance && {
      type: 'setVariables',
      processInstanceId: instance.id,
      scopeId: instance.id as never,
      variables,
      local: true,
    },
    { type: 'correlateMessage', name: 'go', businessKey: key, all: true },
    { type: 'publishMessage', name: 'go', correlationKey: key, timeToLiveMs: 4_000 },
    { type: 'expireMessages', messageIds: store.state.messages.expired(store.lastAt, 10).map(({ id }) => id) },
    {
      type: 'setLimits',
      target: { kind: 'definition', tenantId: null, bpmnProcessId: 'order', version: null },
      limits: { instances: chance(2) === 0 ? null : 10_000 },
      reason: 'a test',
    } as Command,
  ];
  return choices[chance(choices.length)] ?? anyCommand(store, chance);
}

const seeds = process.env['SEEDS']?.split(' ').map(Number) ?? [1, 2];
for (const seed of seeds) {
  test(`what is asked after a commit that found no room is what is on the disk (seed ${seed})`, async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'procos-full-'));
    context.after(() => rmSync(folder, { recursive: true }));
    const chance = chanceOf(seed);
    const store = openSqliteStore({ directory: join(folder, 'data') });
    context.after(() => store.close());
    const clock = manualClock();
    const failures: unknown[] = [];
    const loop = new CommandLoop({
      store,
      engine: { execute, apply },
      clock,
      zone: 'UTC',
      maxBatch: 8,
      onFatal: (error) => failures.push(error),
      onAssertion: (command, error) => failures.push(command, error),
    });
    const { processes } = await readProcesses(MODEL);
    const resources = [{ name: 'm.bpmn', content: MODEL }];
    const definitions = processes.map((model) => ({ resourceName: 'm.bpmn', checksum: 'c', model }));
    const deploy: Command = {
      type: 'deploy',
      name: 'm',
      source: null,
      tenantId: null,
      resources,
      definitions,
      skipUnchanged: false,
    };
    const submit = (command: Command, request?: RequestKey) =>
      loop.submit(command as Command & { type: 'deploy' }, BY, request);
    const done = async (asked: readonly Promise<unknown>[]) => {
      const all = Promise.allSettled(asked);
      for (await settle(); loop.waiting > 0; await settle()) clock.advance(0);
      return all;
    };
    assert.equal(processes.length, 2);
    await done([submit(deploy)]);
    const disk = fullDisk(context);
    let compared = 0;
    let refused = 0;
    for (let round = 0; round < 100; round += 1) {
      const isFull = chance(2) === 0;
      disk.after = isFull ? chance(chance(4) === 0 ? 80 : 12) : Number.POSITIVE_INFINITY;
      const before = disk.refused;
      const asked = Array.from({ length: 1 + chance(12) }, () => {
        const number = chance(KEYS * 4);
        const command = anyCommandOf(store, chance, disk);
        return submit(command, number < KEYS ? { key: `key ${number}`, fingerprint: command.type } : undefined);
      });
      for (const { status } of await done(asked)) if (status === 'rejected') refused += 1;
      clock.advance(chance(1_500));
      if (chance(4) === 0) queried(store);
      const wasFull = disk.refused > before;
      disk.after = Number.POSITIVE_INFINITY;
      assert.deepEqual(failures, []);
      if (!wasFull && chance(20) > 0) continue;
      compared += 1;
      const copy = join(folder, `copy ${round}`);
      mkdirSync(copy);
      backUpSqlite(join(folder, 'data', 'procos.db'), join(copy, 'procos.db'), 0);
      const anew = openSqliteStore({ directory: copy });
      const at = loop.now();
      const [found, expected] = [everything(store, at), everything(anew, at)];
      anew.close();
      rmSync(copy, { recursive: true });
      assert.deepEqual(found, expected);
    }
    assert.ok(compared > 20 && refused > 10, `${compared} compared, ${refused} refused`);
  });
}

/** Choosing one asks the store: also that may find no room. */
function anyCommandOf(store: Store, chance: (below: number) => number, disk: { after: number }): Command {
  const { after } = disk;
  try {
    return anyCommand(store, chance);
  } catch (error) {
    if (!(error instanceof StorageFull)) throw error;
    return anyCommand(store, chance);
  } finally {
    disk.after = Math.max(0, after);
  }
}

function queried(store: Store): void {
  try {
    store.find('processInstances', { limit: 1 });
  } catch (error) {
    if (!(error instanceof StorageFull)) throw error;
  }
}
