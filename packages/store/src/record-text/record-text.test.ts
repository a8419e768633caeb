/** Records there and back: whatever the engine says, the store gives back the same, in few characters. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { EngineEvent, EventType, LogRecord } from '@procos/engine';
import fc from 'fast-check';
import { AS_IT_IS, COMMON_WORDS, FLAG, type Kind, LAYOUTS, type Layout, VARIABLES, WORD, WORDS } from './layouts.ts';
import { recordFrom, textOf } from './record-text.ts';

/** Does not compile when one is missing. */
const TYPES: Readonly<Record<EventType, true>> = {
  deploymentCreated: true,
  deploymentRemoved: true,
  processDefined: true,
  decisionDefined: true,
  topicServerSet: true,
  definitionRemoved: true,
  decisionRemoved: true,
  definitionSuspended: true,
  definitionResumed: true,
  historyTimeToLiveSet: true,
  timerRuleSet: true,
  historyRemoved: true,
  processInstanceCreated: true,
  rootDesignated: true,
  processInstanceCompleted: true,
  processInstanceEnded: true,
  processInstanceSuspended: true,
  processInstanceResumed: true,
  processInstanceMigrated: true,
  elementActivated: true,
  elementRestored: true,
  loopPrepared: true,
  elementCompleted: true,
  elementCanceled: true,
  elementMoved: true,
  undoStarted: true,
  eventPartsSeen: true,
  gatewayRound: true,
  adHocQueued: true,
  tokenPlaced: true,
  loopExtended: true,
  tokensDiscarded: true,
  variablesSet: true,
  variablesRemoved: true,
  externalTaskCreated: true,
  externalTaskLocked: true,
  externalTaskUnlocked: true,
  externalTaskFenced: true,
  externalTaskForbidden: true,
  externalTaskLockExtended: true,
  externalTaskFailed: true,
  externalTaskRetriesSet: true,
  externalTaskItemDone: true,
  externalTaskSuspended: true,
  externalTaskResumed: true,
  externalTaskPrioritySet: true,
  externalTaskCompleted: true,
  externalTaskCanceled: true,
  userTaskCreated: true,
  userTaskAssigned: true,
  userTaskUpdated: true,
  userTaskCompleted: true,
  userTaskCanceled: true,
  noteAdded: true,
  clockPinned: true,
  clockReset: true,
  commentChanged: true,
  noteRemoved: true,
  taskFilterSet: true,
  taskFilterRemoved: true,
  timerScheduled: true,
  timerTriggered: true,
  timerCanceled: true,
  timerChanged: true,
  timerPrioritySet: true,
  subscriptionOpened: true,
  subscriptionClosed: true,
  messageBuffered: true,
  messageTaken: true,
  messageRemoved: true,
  messageCorrelated: true,
  signalBroadcast: true,
  requestAnswered: true,
  identitySet: true,
  identityRemoved: true,
  limitsSet: true,
  usageCounted: true,
  aiReserved: true,
  aiUsed: true,
  limitCaught: true,
  instancesCounted: true,
  startRefused: true,
  storeRestored: true,
  decisionEvaluated: true,
  warningIssued: true,
  incidentRaised: true,
  incidentAnnotated: true,
  incidentResolved: true,
  recoveryStarted: true,
};

/** One line for each number, as it was first written: `[text, record]`. */
const FORM_1 = new URL('../../fixtures/records-form-1.jsonl', import.meta.url);

const word = fc.oneof(
  fc.constantFrom('task', 'flow', 'a', 'b', '', '0', '__proto__', 'constructor', 'Zo\u00eb', '\ud800', ...COMMON_WORDS),
  fc.string(),
);
const whole = fc.oneof(fc.nat(2_000), fc.maxSafeNat(), fc.constant(Number.MAX_SAFE_INTEGER));
const variable = fc.oneof(
  fc.record({ type: fc.constantFrom('Integer', 'String', 'Json', 'Later'), value: fc.jsonValue() }),
  fc.record({ type: fc.constant('File'), value: fc.string(), info: fc.record({ filename: fc.string() }) }),
  fc.jsonValue(),
);

function anyOf(kind: Kind | Layout): fc.Arbitrary<unknown> {
  if (typeof kind !== 'number') return entityOf(kind);
  if (kind === WORD) return fc.option(word);
  if (kind === WORDS) return fc.array(word, { maxLength: 4 });
  if (kind === VARIABLES) return fc.dictionary(word, variable, { maxKeys: 4 });
  if (kind === FLAG) return fc.boolean();
  return kind === AS_IT_IS ? fc.jsonValue() : fc.option(whole);
}

function fittingTo(layout: Layout): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(Object.fromEntries(layout.map(({ name, kind }) => [name, anyOf(kind)])));
}

/** Mostly as the layout has it; else fields are missing, more than known, or of another kind. */
function entityOf(layout: Layout): fc.Arbitrary<Record<string, unknown>> {
  const right = fittingTo(layout);
  const names = layout.map(({ name }) => name);
  const odd = fc.oneof(fc.jsonValue(), fc.constantFrom(undefined, -1, 1.5, -0, 2 ** 60, Number.NaN));
  return fc.oneof(
    { weight: 6, arbitrary: right },
    fc.tuple(right, fc.dictionary(word, odd, { maxKeys: 2 })).map(([fields, more]) => ({ ...more, ...fields })),
    fc.tuple(right, fc.constantFrom(...names), odd).map(([fields, name, value]) => ({ ...fields, [name]: value })),
    fc.tuple(right, fc.constantFrom(...names)).map(([{ ...fields }, name]) => {
      delete fields[name];
      return fields;
    }),
  );
}

function eventOf(type: string): fc.Arbitrary<EngineEvent> {
  const layout = LAYOUTS.find((one) => one.type === type);
  const fields = layout === undefined ? fc.dictionary(word, fc.jsonValue(), { maxKeys: 5 }) : entityOf(layout.fields);
  return fields.map((some) => ({ ...some, type }) as unknown as EngineEvent);
}

const anyEvent = fc.constantFrom(...Object.keys(TYPES)).chain(eventOf);

function recordOf(events: fc.Arbitrary<readonly EngineEvent[]>): fc.Arbitrary<LogRecord> {
  return fc.record({
    sequence: fc.constant(7),
    at: whole,
    by: fc.record({ kind: word, id: word }),
    command: word,
    lastId: whole,
    events,
  });
}

/** As JSON gives it back. */
function asJson(record: LogRecord): unknown {
  return JSON.parse(JSON.stringify(record));
}

function assertSame(record: LogRecord): void {
  assert.deepStrictEqual(recordFrom(record.sequence, record.at, textOf(record)), asJson(record));
}

describe('a record in the log', () => {
  for (const type of Object.keys(TYPES)) {
    it(`comes back as it was: ${type}`, () => {
      fc.assert(fc.property(recordOf(fc.array(eventOf(type), { minLength: 1, maxLength: 3 })), assertSame), {
        numRuns: 40,
      });
    });
  }

  it('comes back as it was whatever events it has, one after the other', () => {
    fc.assert(fc.property(recordOf(fc.array(anyEvent, { maxLength: 12 })), assertSame), { numRuns: 500 });
  });

  it('is the same text in whatever order the fields of an event come', () => {
    const flat = LAYOUTS.filter(({ fields }) =>
      fields.every(({ kind }) => typeof kind === 'number' && kind !== VARIABLES),
    );
    const events = fc
      .constantFrom(...flat)
      .chain(({ type, fields }) => fittingTo(fields).map((some) => ({ type, ...some }) as unknown as EngineEvent));
    const turned = (event: EngineEvent) =>
      Object.fromEntries(Object.entries(event).reverse()) as unknown as EngineEvent;
    fc.assert(
      fc.property(recordOf(fc.array(events, { maxLength: 6 })), (record) => {
        assert.equal(textOf({ ...record, events: record.events.map(turned) }), textOf(record));
      }),
    );
  });

  it('is short when every event fits: no name of a field is written, and no text twice', () => {
    const record = elementsOf(200_000, 20);
    const text = textOf(record);
    assert.doesNotMatch(text, /elementId|type|processInstanceId/);
    assert.equal(text.match(/"Activity_0x1y2z3"/g)?.length, 1);
    assert.ok(text.length * 5 < JSON.stringify(record).length, `${text.length} characters`);
  });

  it('is JSON where its own fields have no place in the list', () => {
    const record = elementsOf(1_000, 1);
    for (const odd of [
      { ...record, lastId: -1 },
      { ...record, by: { ...record.by, more: 1 } },
    ]) {
      assert.equal(textOf(odd)[0], '{');
      assertSame(odd);
    }
  });

  it('of an earlier version is read as JSON', () => {
    const { sequence, at, ...body } = elementsOf(1_000, 2);
    assert.deepEqual(recordFrom(sequence, at, JSON.stringify(body)), { sequence, at, ...body });
  });

  it('that no version can have written is refused by its number, with what is wrong', () => {
    for (const [text, problem] of [
      ['[2,5,"a"]', 'its form is 2, this version reads form 1'],
      ['[1,5,-1,-1,-1,999]', 'no event has the number 999'],
      ['[1,5,-1,-1,-1,2]', 'it ends too early'],
      ['[1,5,-1,-1,-1,3,0,8,0]', 'no word has the number 8'],
      ['[1,5,-1', 'JSON'],
      ['', 'JSON'],
      ['null', 'null'],
    ] as const) {
      assert.throws(
        () => recordFrom(12, 0, text),
        ({ message }: Error) => message.startsWith('Record 12 cannot be read: ') && message.includes(problem),
        text,
      );
    }
  });
});

describe('what was written once', () => {
  const lines = readFileSync(FORM_1, 'utf8').trimEnd().split('\n');
  const known = lines.map((line) => JSON.parse(line) as [text: string, record: LogRecord]);

  it('is read for ever, and written in the same way', () => {
    for (const [text, record] of known) {
      assert.deepEqual(recordFrom(record.sequence, record.at, text), record);
      assert.equal(textOf(record), text);
    }
  });

  it('is kept here for every number that a layout has and every common word', () => {
    const lists = known.map(([text]) => JSON.parse(text) as unknown[]);
    const types = known.flatMap(([, { events }]) => events.map(({ type }) => type));
    for (const { type } of LAYOUTS) assert.ok(types.includes(type), `${type} has no line in records-form-1.jsonl`);
    for (const index of COMMON_WORDS.keys())
      assert.ok(
        lists.some((list) => list.includes(-1 - index)),
        COMMON_WORDS[index],
      );
    const codes = LAYOUTS.map(({ code }) => code);
    assert.deepEqual(codes, [...new Set(codes)]);
  });
});

/** Visits of one element, one after the other. */
function elementsOf(processInstanceId: number, visits: number): LogRecord {
  const events = Array.from({ length: visits }, (_, index): EngineEvent[] => {
    const visit = {
      processInstanceId,
      elementInstanceId: processInstanceId + 1 + index,
      elementId: 'Activity_0x1y2z3',
    };
    return [
      { type: 'elementActivated', ...visit, scopeId: processInstanceId, consumedFlows: ['Flow_1'] },
      { type: 'elementCompleted', ...visit, takenFlows: ['Flow_1'] },
    ];
  });
  const lastId = processInstanceId + visits;
  const by = { kind: 'user', id: 'ada' };
  return { sequence: 3, at: 1_800_000_000_000, by, command: 'createProcessInstance', lastId, events: events.flat() };
}
