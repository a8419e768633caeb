/** What is over answers queries the same whether it lies in the log or has rows, on both stores. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Element } from '@procos/bpmn';
import type { EngineEvent, LogRecord } from '@procos/engine';
import fc from 'fast-check';
import type { Store } from '../contract.ts';
import type { Condition, Query, TableName, Tables } from '../query.ts';
import * as make from '../testing/fixtures.ts';
import { commit, openMemory, openSqlite } from '../testing/fixtures.ts';

const common = { incoming: [], outgoing: [], line: 1, boundaryEvents: [] };
const elements: Element[] = [
  { ...common, id: 'one', name: 'One', type: 'manualTask' },
  { ...common, id: 'two', type: 'manualTask', loop: { kind: 'multiInstance', sequential: false } },
];

const NOTHING: EngineEvent = { type: 'signalBroadcast', name: 'nothing' };
/** Fewer records are read again for an instance when this is in each of them. */
const LONG: readonly EngineEvent[] = new Array(1_500).fill(NOTHING);
/** With so many events in it, no record is read again: all that it changes has rows. */
const TOO_LONG: readonly EngineEvent[] = new Array(4_100).fill(NOTHING);

const define: readonly EngineEvent[] = [1, 2].map((id) => ({
  type: 'processDefined',
  definition: make.definition({ id, version: id, model: make.modelOf('order', elements) }),
}));

function created(id: number, parent: { id: number; elementInstanceId: number } | null = null): EngineEvent {
  return {
    type: 'processInstanceCreated',
    processInstanceId: id,
    definitionId: 1,
    bpmnProcessId: 'order',
    version: 1,
    businessKey: null,
    tenantId: null,
    rootId: parent?.id ?? id,
    parentId: parent?.id ?? null,
    parentElementInstanceId: parent?.elementInstanceId ?? null,
    startElementId: null,
  };
}

function activated(processInstanceId: number, elementInstanceId: number, elementId = 'one'): EngineEvent {
  const visit = { processInstanceId, elementInstanceId, elementId, scopeId: processInstanceId, consumedFlows: [] };
  // Some are the whole of a loop.
  return { type: 'elementActivated', ...visit, ...(elementInstanceId % 4 === 1 ? { role: 'body' } : {}) };
}

/** Which element it is follows from its identity, so that its end tells the same as its begin. */
const elementOf = (elementInstanceId: number) => (elementInstanceId % 2 === 0 ? 'one' : 'two');

function over(type: 'elementCompleted' | 'elementCanceled', processInstanceId: number, elementInstanceId: number) {
  const elementId = elementOf(elementInstanceId);
  const visit = { processInstanceId, elementInstanceId, elementId, hadVariables: true } as const;
  return type === 'elementCanceled' ? { type, ...visit } : { type, ...visit, takenFlows: [] };
}

/** A choice of what happens next, and of the instance, element and name to which it happens. */
type Choice = readonly [what: number, which: number, other: number];

interface Past {
  readonly id: number;
  readonly elements: number[];
}

/** What the engine might have written, as events with the last id given out; null: the record ends. */
function* happenings(
  choices: readonly Choice[],
): Generator<{ readonly event: EngineEvent; readonly lastId: number } | null> {
  const alive: Past[] = [];
  let lastId = 1_000;
  const next = () => (lastId += 1);
  for (const [what, which, other] of choices) {
    const one = alive[which % Math.max(1, alive.length)];
    const elementInstanceId = one?.elements[other % Math.max(1, one.elements.length)];
    const processInstanceId = one?.id ?? 0;
    const events: EngineEvent[] = [];
    if (what === 0) yield null;
    else if (what === 1 || one === undefined) {
      alive.push({ id: next(), elements: [] });
      events.push(created(lastId), activated(lastId, lastId, 'order'));
    } else if (what <= 3) {
      one.elements.push(next());
      events.push(activated(processInstanceId, lastId, elementOf(lastId)));
    } else if (what === 4) {
      const ends: EngineEvent =
        other % 2 === 0
          ? { type: 'processInstanceCompleted', processInstanceId }
          : { type: 'processInstanceEnded', processInstanceId, how: 'canceled', reason: null };
      events.push(...one.elements.map((id) => over('elementCompleted', processInstanceId, id)), ends);
      alive.splice(alive.indexOf(one), 1);
    } else if (what <= 6) {
      const scopeId = elementInstanceId ?? processInstanceId;
      const variables = {
        [`v${other % 3}`]: { type: 'Integer', value: which },
        w: { type: 'Integer', value: other },
      } as const;
      events.push({
        type: 'variablesSet',
        processInstanceId,
        scopeId: what === 5 ? processInstanceId : scopeId,
        variables,
      });
    } else if (what === 7) {
      events.push({
        type: 'variablesRemoved',
        processInstanceId,
        scopeId: processInstanceId,
        names: [`v${other % 3}`],
      });
    } else if (elementInstanceId === undefined) continue;
    else if (what <= 9) {
      one.elements.splice(one.elements.indexOf(elementInstanceId), 1);
      events.push(over(other % 2 === 0 ? 'elementCompleted' : 'elementCanceled', processInstanceId, elementInstanceId));
    } else if (what === 10) {
      alive.push({ id: next(), elements: [] });
      events.push(created(lastId, { id: processInstanceId, elementInstanceId }));
    } else if (what === 11) {
      const at = { processInstanceId, elementInstanceId };
      events.push({ type: 'userTaskCreated', task: make.userTask({ id: next(), ...at }) });
      events.push({ type: 'userTaskAssigned', ...at, userTaskId: lastId, assignee: `u${which % 2}` });
      events.push({ type: 'userTaskUpdated', ...at, userTaskId: lastId, changes: { priority: which } });
    } else {
      const moved = { elements: [{ elementInstanceId, elementId: 'two' }], flows: {}, moved: {} };
      events.push({
        type: 'processInstanceMigrated',
        processInstanceId,
        definitionId: 2,
        bpmnProcessId: 'order',
        version: 2,
        ...moved,
      });
    }
    for (const event of events) yield { event, lastId };
  }
}

function recordsOf(choices: readonly Choice[]): readonly LogRecord[] {
  const records: LogRecord[] = [];
  let events: EngineEvent[] = [...define];
  let last = 1_000;
  const cut = (): void => {
    const sequence = records.length + 1;
    // Two records each have the same instant.
    const at = 100 + Math.floor(sequence / 2) * 10;
    if (events.length > 0)
      records.push({ sequence, at, by: { kind: 'user', id: 'ada' }, command: 'test', lastId: last, events });
    events = [];
  };
  cut();
  for (const happening of happenings(choices)) {
    if (happening === null) cut();
    else {
      events.push(happening.event);
      last = happening.lastId;
    }
  }
  cut();
  return records;
}

function write(store: Store, records: readonly LogRecord[], batch: number): void {
  for (const id of [1, 2])
    store.state.definitions.put(make.definition({ id, version: id, model: make.modelOf('order', elements) }));
  for (let from = 0; from < records.length; from += batch) {
    const some = records.slice(from, from + batch);
    store.ids.skipTo(some.at(-1)?.lastId ?? 0);
    store.commit(some);
    if (batch === 1 || from % 3 === 0) store.followUp();
  }
}

const choice = fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 3 }), fc.nat({ max: 5 }));
const ids = fc.integer({ min: 1_000, max: 1_030 });
const instants = fc.constantFrom(100, 110, 120, 130, 150, 200);
const VALUES: Readonly<Record<string, fc.Arbitrary<string | number | boolean>>> = {
  id: fc.oneof(
    ids,
    fc.integer({ min: 1, max: 12 }).map((sequence) => sequence * 2 ** 20 + (sequence % 3)),
  ),
  processInstanceId: ids,
  scopeId: ids,
  definitionId: fc.constantFrom(1, 2),
  bpmnProcessId: fc.constantFrom('order', 'other'),
  elementId: fc.constantFrom('one', 'two'),
  elementName: fc.constantFrom('One', 'Two'),
  startedAt: instants,
  endedAt: instants,
  createdAt: instants,
  updatedAt: instants,
  outcome: fc.constantFrom('active', 'completed', 'canceled'),
  assignee: fc.constantFrom('u0', 'u1'),
  calledInstanceId: ids,
  sequence: fc.integer({ min: 1, max: 12 }),
  name: fc.constantFrom('v0', 'v1', 'w'),
  live: fc.boolean(),
};

function queries<T extends TableName>(columns: readonly string[]): fc.Arbitrary<Query<Tables[T]>> {
  const column = fc.constantFrom(...columns);
  const condition = column.chain((name) => {
    const value = VALUES[name] ?? fc.constant(0);
    const orNull = fc.option(value, { nil: null, freq: 6 });
    return fc.oneof(
      fc.record({
        column: fc.constant(name),
        op: fc.constantFrom('=', '=', '!=', '<', '<=', '>', '>='),
        value: orNull,
      }),
      fc.record({
        column: fc.constant(name),
        op: fc.constantFrom('in', 'notIn'),
        value: fc.array(orNull, { maxLength: 3 }),
      }),
      fc.record({ column: fc.constant(name), op: fc.constantFrom('isNull', 'notNull') }),
    );
  }) as fc.Arbitrary<Condition<Tables[T]>>;
  return fc.record(
    {
      where: fc.array(condition, { maxLength: 2 }),
      orderBy: fc.array(fc.record({ column, descending: fc.boolean() }), { maxLength: 2 }),
      offset: fc.nat({ max: 3 }),
      limit: fc.nat({ max: 5 }),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Query<Tables[T]>>;
}

const visits = queries<'elementInstances'>(
  Object.keys(VALUES).filter((name) => !['createdAt', 'updatedAt', 'name', 'live'].includes(name)),
);
const values = queries<'variables'>(['id', 'processInstanceId', 'scopeId', 'name', 'createdAt', 'updatedAt', 'live']);

test('any query gives the same whether what is over lies in the log or has rows, on both stores', () => {
  let [inLog, asRows] = [0, 0];
  fc.assert(
    fc.property(
      fc.array(choice, { minLength: 20, maxLength: 90 }),
      fc.constantFrom(1, 2, 100),
      fc.array(visits, { minLength: 12, maxLength: 12 }),
      fc.array(values, { minLength: 6, maxLength: 6 }),
      instants,
      fc.constantFrom([], LONG),
      (choices, batch, askedVisits, askedValues, trimmed, padding) => {
        using kept = openSqlite();
        using keptInMemory = openMemory();
        using rows = openMemory();
        const records = recordsOf(choices);
        const padded = (by: readonly EngineEvent[]) =>
          records.map((record) => ({ ...record, events: [...record.events, ...by] }));
        write(kept.store, padded(padding), batch);
        write(keptInMemory.store, padded(padding), batch);
        write(rows.store, padded(TOO_LONG), batch);
        for (const { keptIn, endedAt } of kept.store.find('processInstances')) {
          if (keptIn !== undefined && endedAt !== null) inLog += 1;
          else if (keptIn === undefined) asRows += 1;
        }
        assert.ok(rows.store.find('processInstances').every(({ keptIn }) => keptIn === undefined));
        const compare = (): void => {
          for (const asked of [{}, ...askedVisits]) {
            const expected = rows.store.page('elementInstances', asked);
            assert.deepEqual(kept.store.page('elementInstances', asked), expected);
            assert.deepEqual(keptInMemory.store.page('elementInstances', asked), expected);
          }
          for (const asked of [{}, ...askedValues]) {
            const expected = rows.store.page('variables', asked);
            assert.deepEqual(kept.store.page('variables', asked), expected);
            assert.deepEqual(keptInMemory.store.page('variables', asked), expected);
          }
        };
        compare();
        // Rows stay as they are, but that they then say how a user task was created.
        for (const { store } of [kept, keptInMemory, rows]) store.trimLog(trimmed, 3);
        compare();
        const over = rows.store.find('processInstances', { where: [{ column: 'endedAt', op: 'notNull' }] });
        const alive = rows.store.find('processInstances', { where: [{ column: 'endedAt', op: 'isNull' }] });
        const removed: EngineEvent[] = [
          { type: 'historyRemoved', target: { processInstanceIds: over.slice(0, 2).map(({ id }) => id) }, atMost: 3 },
          ...alive.slice(0, 1).map(
            ({ id }): EngineEvent => ({
              type: 'historyRemoved',
              target: { processInstanceId: id, overBy: trimmed },
              atMost: 5,
            }),
          ),
        ];
        for (const { store } of [kept, keptInMemory, rows]) commit(store, removed);
        compare();
      },
    ),
    { numRuns: 40 },
  );
  assert.ok(inLog > 10 && asRows > 10, `${inLog} instances lie in the log, ${asRows} have rows`);
});

test('what begins and ends among records that are projected together, and takes too many of them, is counted once', () => {
  using opened = openSqlite();
  const { store } = opened;
  const one = (id: number): readonly EngineEvent[] => [activated(10, id), over('elementCompleted', 10, id)];
  const first: readonly EngineEvent[] = [
    ...define,
    created(2),
    activated(2, 2, 'order'),
    activated(2, 4),
    over('elementCompleted', 2, 4),
    { type: 'processInstanceCompleted', processInstanceId: 2 },
    created(10),
    ...one(12),
  ];
  const records = [first, one(14), one(16), [{ type: 'processInstanceCompleted', processInstanceId: 10 } as const]].map(
    (events, index): LogRecord => ({
      sequence: index + 1,
      at: 100,
      by: { kind: 'user', id: 'ada' },
      command: 'test',
      lastId: 20,
      events: [...events, ...LONG],
    }),
  );
  write(store, records, 10);
  const [short, long] = store.find('processInstances');
  assert.deepEqual([short?.keptIn, short?.keptPlaces], [[1], 3]);
  assert.deepEqual([long?.keptIn, long?.keptPlaces], [undefined, undefined]);
  const where = [{ column: 'elementId', op: '=', value: 'one' }] as const;
  assert.equal(store.find('elementInstances', { where }).length, 4);
  assert.equal(store.count('elementInstances', { where }), 4);
});
