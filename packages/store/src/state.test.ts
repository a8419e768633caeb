/** The ports of the state: look-ups see every change at once, commits keep it, rollbacks forget it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command, Errand, ExternalTask, State, WantedTasks } from '@procos/engine';
import fc from 'fast-check';
import * as make from './testing/fixtures.ts';
import { commit, onBothStores } from './testing/fixtures.ts';

const errand: Errand = {
  purpose: 'script',
  step: { kind: 'activate', processInstanceId: 1, elementInstanceId: 2 },
  key: 'k',
  headers: { a: 'b' },
  variables: { x: { type: 'Integer', value: 1 } },
};

onBothStores((open) => {
  test('every kind of entity comes back as it was put', () => {
    using opened = open();
    const { state, ids } = opened.store;
    const rows = {
      deployments: {
        id: 1,
        name: 'd',
        source: null,
        tenantId: null,
        deployedAt: 3,
        resources: [{ name: 'a', content: 'ä' }],
      },
      definitions: make.definition({ id: ids.next(), versionTag: 'v1', suspended: true }),
      decisions: make.decision({ id: ids.next(), name: 'Rate', versionTag: 'v1' }),
      instances: make.instance({ id: ids.next(), businessKey: 'b', suspended: true }),
      externalTasks: make.externalTask({ id: ids.next(), retries: 3, priority: -4, suspended: true, errand }),
      userTasks: make.userTask({ id: ids.next() }),
      timers: make.timer({
        id: ids.next(),
        repeat: { text: 'R3/PT1S', remaining: 2 },
        ...{ part: 1, step: errand.step, priority: 7, suspended: true },
      }),
      subscriptions: make.subscription({ id: ids.next(), kind: 'condition', name: '', part: 2 }),
      messages: make.message({
        id: ids.next(),
        variables: { a: { type: 'Json', value: [1, { b: null }] } },
        ...{ once: true, takenBy: ['order'] },
      }),
      incidents: make.incident({
        id: ids.next(),
        step: { kind: 'activate', processInstanceId: 1, elementInstanceId: 2 },
      }),
      topicServers: { id: ids.next(), topic: 'mail', tenantId: 'north', bpmnProcessId: null, chosen: true },
      notes: make.comment({ id: ids.next() }),
      filters: { id: ids.next(), name: 'Mine', owner: null, query: { assignee: 'ada' }, properties: { priority: 1 } },
      answers: make.answer({ id: ids.next(), outcome: { ok: true, value: { list: [1, null] } } }),
    };
    function assertThere(from: State): void {
      for (const [name, row] of Object.entries(rows)) {
        const port: { get(id: number): unknown } = from[name as keyof typeof rows];
        assert.deepEqual(port.get(row.id), row, name);
        assert.equal(port.get(999_999), undefined);
      }
    }
    state.deployments.put(rows.deployments);
    state.definitions.put(rows.definitions);
    state.decisions.put(rows.decisions);
    state.instances.put(rows.instances);
    state.externalTasks.put(rows.externalTasks);
    state.userTasks.put(rows.userTasks);
    state.timers.put(rows.timers);
    state.subscriptions.put(rows.subscriptions);
    state.messages.put(rows.messages);
    state.incidents.put(rows.incidents);
    state.answers.put(rows.answers);
    state.topicServers.put(rows.topicServers);
    state.notes.put(rows.notes);
    state.filters.put(rows.filters);
    assertThere(state);
    commit(opened.store);
    assertThere(state);
    opened.store.rollback();
    assertThere(state);
    assertThere(opened.reopen().state);
  });

  test('no id of a stored model finds a property of Object', () => {
    using opened = open();
    opened.store.state.definitions.put(make.definition({ id: 1 }));
    commit(opened.store);
    opened.store.rollback();
    assert.equal(opened.reopen().state.definitions.get(1)?.model.elements['constructor'], undefined);
  });

  test('look-ups of definitions, decisions and deployments give the newest of the tenant', () => {
    using opened = open();
    const { state } = opened.store;
    const deployment = { name: 'd', source: null, tenantId: null, deployedAt: 3, resources: [] };
    for (const id of [1, 2]) state.deployments.put({ ...deployment, id });
    state.deployments.put({ ...deployment, id: 3, tenantId: 't' });
    state.definitions.put(make.definition({ id: 11, version: 1, versionTag: 'a', deploymentId: 1 }));
    state.definitions.put(make.definition({ id: 12, version: 2, versionTag: 'a', deploymentId: 1 }));
    state.definitions.put(make.definition({ id: 13, version: 3, tenantId: 't', deploymentId: 2 }));
    state.decisions.put(make.decision({ id: 21, version: 1, versionTag: 'a', deploymentId: 1 }));
    state.decisions.put(make.decision({ id: 22, version: 2, versionTag: 'a', deploymentId: 1 }));
    state.decisions.put(make.decision({ id: 23, version: 3, tenantId: 't', deploymentId: 2 }));
    for (const _ of ['uncommitted', 'committed']) {
      assert.equal(state.decisions.latest('rate', null)?.id, 22);
      assert.equal(state.decisions.latest('rate', 't')?.id, 23);
      assert.equal(state.decisions.latest('other', null), undefined);
      assert.equal(state.decisions.version('rate', 1, null)?.id, 21);
      assert.equal(state.decisions.version('rate', 3, null), undefined);
      assert.equal(state.decisions.versionTag('rate', 'a', null)?.id, 22);
      assert.deepEqual(
        state.decisions.ofDeployment(1).map(({ id }) => id),
        [21, 22],
      );
      assert.equal(state.deployments.latest('d', null)?.id, 2);
      assert.equal(state.deployments.latest('d', 't')?.id, 3);
      assert.equal(state.deployments.latest(null, null), undefined);
      assert.equal(state.definitions.latest('order', null)?.id, 12);
      assert.equal(state.definitions.latest('order', 't')?.id, 13);
      assert.equal(state.definitions.version('order', 1, null)?.id, 11);
      assert.equal(state.definitions.versionTag('order', 'a', null)?.id, 12);
      assert.deepEqual(
        state.definitions.ofDeployment(1).map(({ id }) => id),
        [11, 12],
      );
      commit(opened.store);
    }
  });

  test('get gives the one live object, committed or not', () => {
    using opened = open();
    const { state } = opened.store;
    state.externalTasks.put(make.externalTask({ id: 1 }));
    commit(opened.store);
    const task = state.externalTasks.get(1);
    assert.equal(state.externalTasks.get(1), task);
    assert.equal([...state.externalTasks.fetchable('mail', 0, { byPriority: true, newestFirst: false })][0], task);
  });

  test('rollback forgets what was put, deleted, or changed without being put, and the identities', () => {
    using opened = open();
    const { state, ids } = opened.store;
    assert.equal(ids.next(), 1000);
    state.timers.put(make.timer({ id: 1000, dueAt: 5 }));
    state.timers.put(make.timer({ id: 1, dueAt: 7 }));
    state.singletons.rootInstanceId = 1000;
    commit(opened.store);
    state.timers.delete(1);
    state.timers.put(make.timer({ id: ids.next(), dueAt: 1 }));
    state.timers.get(1000)!.dueAt = 99;
    state.singletons.rootInstanceId = null;
    opened.store.rollback();
    assert.equal(ids.last, 1000);
    assert.equal(state.singletons.rootInstanceId, 1000);
    assert.deepEqual(
      state.timers.due(100, 10).map(({ id, dueAt }) => [id, dueAt]),
      [
        [1000, 5],
        [1, 7],
      ],
    );
  });

  test('identities, time and PID 1 go on after a reopening where the last record left them', () => {
    using opened = open();
    opened.store.state.singletons.rootInstanceId = opened.store.ids.next();
    opened.store.ids.next();
    commit(opened.store, [], 77);
    const again = opened.reopen();
    assert.equal(again.ids.next(), 1002);
    assert.equal(again.lastSequence, 1);
    assert.equal(again.lastAt, 77);
    assert.equal(again.state.singletons.rootInstanceId, 1000);
  });

  test('fetching is lazy and goes on while the taken tasks are being locked', () => {
    using opened = open();
    const { state } = opened.store;
    for (let id = 1; id <= 300; id++) state.externalTasks.put(make.externalTask({ id }));
    commit(opened.store);
    for (let id = 301; id <= 310; id++) state.externalTasks.put(make.externalTask({ id }));
    const taken: number[] = [];
    for (const task of state.externalTasks.fetchable('mail', 5, { byPriority: false, newestFirst: false })) {
      Object.assign(task, { availableAt: 1_000, workerId: 'w' });
      state.externalTasks.put(task);
      taken.push(task.id);
    }
    assert.deepEqual(
      taken,
      Array.from({ length: 310 }, (_, index) => index + 1),
    );
    assert.deepEqual([...state.externalTasks.fetchable('mail', 5, { byPriority: false, newestFirst: false })], []);
  });

  test('of a backlog only what is wanted is read, in the same order, with what this batch has changed', () => {
    using opened = open();
    const { store } = opened;
    const { externalTasks } = store.state;
    for (let id = 1; id <= 100; id++) {
      const tenantId = id % 10 === 0 ? 'rare' : id % 10 === 5 ? null : 'often';
      externalTasks.put(make.externalTask({ id, tenantId, bpmnProcessId: id <= 50 ? 'order' : 'invoice' }));
    }
    commit(store);
    const wanted = (of: WantedTasks) =>
      Array.from(externalTasks.fetchable('mail', 5, { byPriority: false, newestFirst: false }, of), ({ id }) => id);
    assert.deepEqual(wanted({ tenantId: ['rare'], bpmnProcessId: ['order', 'other'] }), [10, 20, 30, 40, 50]);
    assert.deepEqual(wanted({ tenantId: [null], bpmnProcessId: ['invoice'] }), [55, 65, 75, 85, 95]);
    assert.deepEqual(wanted({ tenantId: [] }), []);
    assert.equal(wanted({}).length, 100);
    const taken = externalTasks.get(20)!;
    taken.availableAt = 1_000;
    externalTasks.put(taken);
    externalTasks.put(make.externalTask({ id: 101, tenantId: 'rare', bpmnProcessId: 'order' }));
    assert.deepEqual(wanted({ tenantId: ['rare'], bpmnProcessId: ['order'] }), [10, 30, 40, 50, 101]);
  });

  test('records must follow each other', () => {
    using opened = open();
    commit(opened.store, [], 50);
    assert.throws(() => commit(opened.store, [], 49), /does not follow/);
    assert.throws(() => opened.store.commit([{ ...make.recordOf(opened.store), sequence: 3 }]), /does not follow/);
    commit(opened.store);
    assert.deepEqual(
      opened.store.records(1, 10).map(({ sequence }) => sequence),
      [2],
    );
    assert.deepEqual(opened.store.verify(), { ok: true, records: 2 });
  });

  test('a closed store refuses every call', () => {
    using opened = open();
    opened.store.close();
    assert.throws(() => opened.store.state.timers.get(1), { name: 'StoreFailure' });
    assert.throws(() => opened.store.commit([]), { name: 'StoreFailure' });
    assert.throws(() => opened.store.find('timers'), { name: 'StoreFailure' });
  });

  test('look-ups see exactly the changes made so far, whatever was committed or rolled back in between', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        using opened = open();
        let now = new Map<number, Sample>();
        let committed = new Map<number, Sample>();
        for (const [what, id, sample] of steps) {
          const { state } = opened.store;
          if (what === 'put') putAll(state, id, sample);
          if (what === 'put') now.set(id, sample);
          if (what === 'delete') deleteAll(state, id);
          if (what === 'delete') now.delete(id);
          if (what === 'commit') commit(opened.store);
          if (what === 'commit') committed = new Map(now);
          if (what === 'rollback') opened.store.rollback();
          if (what === 'rollback') now = new Map(committed);
          if (what === 'foresee') opened.store.foresee(COMMANDS);
          if (what === 'reopen') {
            commit(opened.store);
            committed = new Map(now);
            opened.reopen();
          }
          assertLookups(opened.store.state, now);
        }
      }),
      { numRuns: 40 },
    );
  });
});

/** They ask for what the steps below put. */
const COMMANDS: readonly Command[] = [
  ...['a', 'b'].flatMap((name) =>
    ['k', 'l'].flatMap((key): readonly Command[] => [
      { type: 'publishMessage', name, correlationKey: key, timeToLiveMs: 0 },
      { type: 'correlateMessage', name, businessKey: key, all: false },
    ]),
  ),
  ...[1, 2, 3].flatMap((id): readonly Command[] => [
    { type: 'correlateMessage', name: 'a', processInstanceId: id, all: false },
    { type: 'triggerTimer', timerId: id },
    { type: 'unlockExternalTask', externalTaskId: id },
    { type: 'resolveIncident', incidentId: id },
  ]),
];

/** What a row of each subject is made from. */
const sampleOf = fc.record({
  name: fc.constantFrom('a', 'b'),
  at: fc.constantFrom(0, 1, 5, 9),
  priority: fc.constantFrom(-1, 0, 7),
  retries: fc.constantFrom(null, 0, 3),
  key: fc.constantFrom(null, 'k', 'l'),
  start: fc.boolean(),
  suspended: fc.boolean(),
});
type Sample = typeof sampleOf extends fc.Arbitrary<infer T> ? T : never;
const step = fc.tuple(
  fc.constantFrom('put', 'put', 'put', 'delete', 'commit', 'rollback', 'reopen', 'foresee'),
  fc.integer({ min: 1, max: 9 }),
  sampleOf,
);

function taskOf(id: number, { name, at, priority, retries, suspended }: Sample): ExternalTask {
  return make.externalTask({ id, topic: name, availableAt: at, priority, retries, suspended });
}

/** Changes the live object where there is one, as an applier does. */
function putAll(state: State, id: number, sample: Sample): void {
  const { name, at, key, start, suspended } = sample;
  state.externalTasks.put(Object.assign(state.externalTasks.get(id) ?? {}, taskOf(id, sample)));
  state.timers.put(
    Object.assign(
      state.timers.get(id) ?? {},
      make.timer({ id, dueAt: at, definitionId: 3, processInstanceId: start ? null : 1, suspended }),
    ),
  );
  state.subscriptions.put(
    make.subscription({
      id,
      name,
      correlationKey: key,
      businessKey: key,
      definitionId: 3,
      processInstanceId: start ? null : 1,
    }),
  );
  state.messages.put(make.message({ id, name, correlationKey: key ?? '', expiresAt: at }));
  state.incidents.put(make.incident({ id, externalTaskId: key === null ? null : id }));
  state.answers.put(make.answer({ id, key: name, expiresAt: at }));
}

function deleteAll(state: State, id: number): void {
  const { externalTasks, timers, subscriptions, messages, incidents, answers } = state;
  for (const port of [externalTasks, timers, subscriptions, messages, incidents, answers]) port.delete(id);
}

function assertLookups(state: State, rows: ReadonlyMap<number, Sample>): void {
  const all = [...rows].map(([id, sample]) => ({ id, ...sample })).sort((a, b) => a.id - b.id);
  const byTime = all.toSorted((a, b) => a.at - b.at || a.id - b.id);
  const awake = byTime.filter(({ suspended }) => !suspended);
  const found = (list: Iterable<{ readonly id: number }>): number[] => Array.from(list, ({ id }) => id);

  for (const name of ['a', 'b']) {
    const fetchable = all.filter((row) => row.name === name && !row.suspended && row.retries !== 0 && row.at <= 5);
    for (const byPriority of [true, false]) {
      for (const newestFirst of [true, false]) {
        const expected = fetchable.toSorted(
          (a, b) => (byPriority ? b.priority - a.priority : 0) || (newestFirst ? b.id - a.id : a.id - b.id),
        );
        assert.deepEqual(found(state.externalTasks.fetchable(name, 5, { byPriority, newestFirst })), found(expected));
      }
    }
    const held = awake.filter((row) => row.name === name && row.retries !== 0);
    for (const after of [0, 3, 5, 8])
      assert.equal(state.externalTasks.nextRelease(name, after), held.find(({ at }) => at > after)?.at);
    assert.deepEqual(found(state.subscriptions.byName('message', name)), found(all.filter((row) => row.name === name)));
    const named = found(all.filter((row) => row.name === name));
    for (const after of [0, ...named])
      for (const limit of [1, 2, Number.POSITIVE_INFINITY])
        assert.deepEqual(
          found(state.subscriptions.after('message', name, after, limit)),
          named.filter((id) => id > after).slice(0, limit),
        );
    const keyed = all.filter((row) => row.name === name && row.key === 'k');
    assert.deepEqual(found(state.subscriptions.byKey(name, 'k')), found(keyed));
    assert.deepEqual(found(state.subscriptions.byBusinessKey(name, 'k')), found(keyed));
    assert.deepEqual(found(state.messages.byKey(name, 'k')), found(keyed));
    assert.equal(state.answers.byKey(name)?.id, all.find((row) => row.name === name)?.id);
    const [starting, waiting] = [true, false].map((start) =>
      all.filter((row) => row.name === name && row.start === start),
    );
    assert.deepEqual(found(state.subscriptions.starting('message', name)), found(starting ?? []));
    assert.deepEqual(found(state.subscriptions.ofInstance(name, 1)), found(waiting ?? []));
  }
  assert.deepEqual(found(state.subscriptions.byName('signal', 'a')), []);
  assert.deepEqual(found(state.subscriptions.startSubscriptions(3)), found(all.filter((row) => row.start)));
  assert.deepEqual(found(state.timers.startTimers(3)), found(all.filter((row) => row.start)));
  assert.deepEqual(found(state.timers.due(5, 3)), found(awake.filter(({ at }) => at <= 5).slice(0, 3)));
  assert.equal(state.timers.nextDueAt(), awake[0]?.at);
  assert.deepEqual(found(state.messages.expired(5, 100)), found(byTime.filter(({ at }) => at <= 5)));
  assert.equal(state.messages.nextExpiryAt(), byTime[0]?.at);
  assert.deepEqual(found(state.answers.expired(5, 3)), found(byTime.filter(({ at }) => at <= 5).slice(0, 3)));
  for (const { id, key } of all) assert.equal(state.incidents.ofExternalTask(id)?.id, key === null ? undefined : id);
}
