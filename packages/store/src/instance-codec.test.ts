/** A process instance comes back from its text exactly as it was written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, Variable, VariableType } from '@procos/bpmn';
import type { Compensation, ElementInstance, LoopState, ProcessInstance } from '@procos/engine';
import fc from 'fast-check';
import { decodeInstance, encodeInstance } from './instance-codec.ts';
import { instance } from './testing/fixtures.ts';

const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const ids = fc.uniqueArray(id, { maxLength: 3 }).map((list) => new Set(list));
const count = fc.nat({ max: 10_000 });
const json = fc
  .jsonValue({ maxDepth: 2, noUnicodeString: false })
  .filter((value) => !Object.is(value, -0)) as fc.Arbitrary<Json>;
const variable: fc.Arbitrary<Variable> = fc.oneof(
  fc.record({ type: fc.constantFrom<VariableType>('Null', 'Long', 'String', 'Object', 'Json'), value: json }),
  fc.record({
    type: fc.constant<VariableType>('File'),
    value: text,
    info: fc.record({ filename: text, mimeType: text }),
  }),
);
const loop: fc.Arbitrary<LoopState> = fc.record({
  total: count,
  started: count,
  completed: count,
  items: orNull(fc.array(variable, { maxLength: 3 })),
  results: orNull(fc.array(orNull(variable), { maxLength: 3 })),
});
const compensation: fc.Arbitrary<Compensation> = fc.record(
  {
    id,
    elementId: text,
    variables: fc.constant({ amount: { type: 'Integer' as const, value: 3 } }),
    inner: fc.constant([]),
    interrupted: fc.constant(true as const),
  },
  { requiredKeys: ['id', 'elementId', 'variables', 'inner'] },
);
const elementInstance: fc.Arbitrary<ElementInstance> = fc.record({
  id,
  elementId: text,
  scopeId: orNull(id),
  role: fc.constantFrom('element' as const, 'body' as const, 'undo' as const),
  variables: fc.array(fc.tuple(text, variable), { maxLength: 3 }).map((list) => new Map(list)),
  children: count,
  tokens: fc.array(fc.tuple(text, count), { maxLength: 3 }).map((list) => new Map(list)),
  loopIndex: orNull(count),
  loop: orNull(loop),
  externalTaskId: orNull(id),
  userTaskId: orNull(id),
  calledInstanceId: orNull(id),
  timers: ids,
  subscriptions: ids,
  incidents: ids,
  compensations: fc.array(compensation, { maxLength: 2 }),
  undo: orNull(
    fc.record(
      {
        scopeId: id,
        activityId: orNull(text),
        upTo: count,
        ending: fc.record({ reason: orNull(text), called: fc.constant(true as const) }, { requiredKeys: ['reason'] }),
      },
      { requiredKeys: ['scopeId', 'activityId', 'upTo'] },
    ),
  ),
  undoneFor: orNull(id),
  partsSeen: fc.array(fc.tuple(text, fc.array(count, { maxLength: 2 })), { maxLength: 2 }).map((list) => new Map(list)),
  rounds: fc.array(fc.tuple(text, fc.array(text, { maxLength: 2 })), { maxLength: 2 }).map((list) => new Map(list)),
  queue: fc.array(text, { maxLength: 2 }),
});
const always = {
  id,
  definitionId: id,
  businessKey: orNull(text),
  tenantId: orNull(text),
  rootId: id,
  parentId: orNull(id),
  parentElementInstanceId: orNull(id),
  startedAt: count,
  suspended: fc.boolean(),
  elements: fc.array(elementInstance, { maxLength: 4 }).map((list) => new Map(list.map((e) => [e.id, e]))),
};
const processInstance: fc.Arbitrary<ProcessInstance> = fc.oneof(
  fc.record(always),
  fc.record({ ...always, warnings: fc.integer({ min: 1, max: 201 }) }),
  fc.record({ ...always, narrowedBy: fc.array(id), tags: fc.array(text) }),
  fc.record({ ...always, tags: fc.array(text) }),
  fc.record({ ...always, endsAfter: fc.array(text) }),
  fc.record({ ...always, tags: fc.array(text), endsAfter: fc.array(text) }),
);

test('an instance survives the round trip through its text', () => {
  fc.assert(
    fc.property(processInstance, (written) => {
      const text = encodeInstance(written);
      assert.equal(encodeInstance(decodeInstance(written.id, text)), text);
      assert.deepEqual(plain(decodeInstance(written.id, text)), plain(written));
    }),
  );
});

test('an instance that waits in one task takes less than 120 bytes', () => {
  assert.ok(encodeInstance(instance({ id: 123_456 })).length < 120);
});

/** Maps and sets compared by content; prototypes of records (fast-check makes some without) do not count. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) =>
      inner instanceof Map || inner instanceof Set ? [...inner] : inner,
    ),
  );
}
