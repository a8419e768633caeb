/** Our judge of bodies and TypeBox come to the same verdict, for every type of the wire and values that nearly fit it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Compile } from 'typebox/schema';
import { faultIn } from './judge.ts';
import { type Schema, schemaOf, schemas } from './schemas.ts';

/** Values of a schema, now and then of another kind, with members left out and others that there are not. */
function valuesOf(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  const {
    $ref,
    type,
    anyOf,
    required = [],
    properties,
    additionalProperties,
    items,
  } = schema as {
    readonly $ref?: string;
    readonly type?: string | readonly string[];
    readonly anyOf?: readonly Schema[];
    readonly required?: readonly string[];
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly additionalProperties?: Schema;
    readonly items?: Schema;
  };
  const words =
    (schema['enum'] as readonly unknown[] | undefined) ??
    (schema['const'] === undefined ? undefined : [schema['const']]);
  const odd = fc.oneof(fc.string({ maxLength: 3 }), fc.integer(), fc.boolean(), fc.constant([]), fc.constant({}));
  const mostly = (fitting: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    fc.oneof({ arbitrary: fitting, weight: 20 }, { arbitrary: odd, weight: 1 });
  if (depth > 4) return odd;
  if ($ref !== undefined) return valuesOf(schemas[$ref.replace('#/components/schemas/', '')] ?? {}, depth + 1);
  if (anyOf !== undefined) return mostly(fc.oneof(...anyOf.map((one) => valuesOf(one, depth + 1))));
  if (words !== undefined) return mostly(fc.constantFrom(...words));
  const kinds = [type ?? []].flat().map((kind): fc.Arbitrary<unknown> => {
    if (kind === 'string') return fc.string({ maxLength: 3 });
    if (kind === 'number') return fc.integer();
    if (kind === 'boolean') return fc.boolean();
    if (kind === 'null') return fc.constant(null);
    if (kind === 'array') return fc.array(valuesOf(items ?? {}, depth + 1), { maxLength: 2 });
    if (properties === undefined)
      return fc.dictionary(fc.string({ maxLength: 3 }), valuesOf(additionalProperties ?? {}, depth + 1), {
        maxKeys: 2,
      });
    const members = Object.fromEntries(
      Object.entries(properties).map(([name, one]) => [name, valuesOf(one, depth + 1)]),
    );
    const sometimesMissing = required.filter((_, at) => at % 5 !== 4);
    return fc.record({ ...members, unknown_member: odd }, { requiredKeys: sometimesMissing as never[] });
  });
  return kinds.length === 0 ? odd : mostly(fc.oneof(...kinds));
}

test('the same verdict as TypeBox', () => {
  let fitting = 0;
  let others = 0;
  for (const name of Object.keys(schemas)) {
    const validator = Compile({ ...schemaOf(name), components: { schemas } });
    fc.assert(
      fc.property(valuesOf(schemaOf(name)), (value) => {
        const fits = validator.Check(value);
        assert.equal(faultIn(value, schemaOf(name), schemas) === undefined, fits, `${name}: ${JSON.stringify(value)}`);
        if (fits) fitting += 1;
        else others += 1;
      }),
      { numRuns: 40, seed: 7 },
    );
  }
  assert.ok(fitting > 500 && others > 500, `${fitting} fit, ${others} do not`);
});

test('null stands for what may be absent, and for nothing else', () => {
  const fault = (body: unknown) => faultIn(body, schemaOf('RequestBody'), schemas);
  assert.equal(fault({ bpmnProcessId: 'p', businessKey: null, variables: null }), undefined);
  assert.deepEqual(fault({ bpmnProcessId: null }), { path: 'bpmnProcessId', text: 'must be a text' });
  assert.equal(fault(Object.assign(Object.create(null), { bpmnProcessId: 'p' })), undefined);
});
