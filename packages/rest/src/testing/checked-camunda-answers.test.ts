/** Holds every answer of `/engine-rest` against what its description says of the operation; a test that asks gets the fault as its answer. */
import { Ajv, type ValidateFunction } from 'ajv';
import type { RouteOptions } from 'fastify';
import { answersOf, type OperationAnswer, shapeOf } from '../camunda7/openapi/answers.ts';
import { answerSchemas, type Schema } from '../camunda7/openapi/schemas.ts';
import { PREFIX } from '../camunda7/prefixes.ts';

/** Null as JSON Schema says it, and no more members than are described. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { nullable, $ref, properties, ...rest } = schema as Schema;
  const own = {
    ...Object.fromEntries(Object.entries(rest).map(([name, one]) => [name, strict(one)])),
    ...(typeof $ref === 'string' ? { $ref: `camunda7#/$defs/${$ref.split('/').at(-1)}` } : {}),
    ...(properties === undefined ? {} : { properties: strictNamed(properties as Named), additionalProperties: false }),
  };
  return nullable === true ? { anyOf: [own, { type: 'null' }] } : own;
}

type Named = Readonly<Record<string, Schema>>;

function strictNamed(named: Named): Record<string, unknown> {
  return Object.fromEntries(Object.entries(named).map(([name, schema]) => [name, strict(schema)]));
}

const ajv = new Ajv({ strict: false, allErrors: true });
const COUNT = { type: 'object', required: ['count'], properties: { count: { type: 'integer', minimum: 0 } } };
ajv.addSchema({ $id: 'camunda7', $defs: strictNamed({ ...answerSchemas(), Count: COUNT }) });
const answers = answersOf();
const validators = new Map<Schema, ValidateFunction>();

function validatorOf(schema: Schema): ValidateFunction {
  const known = validators.get(schema) ?? ajv.compile(strict(schema) as object);
  validators.set(schema, known);
  return known;
}

/** Undefined: the answer is as described. */
export function answerFault(
  { json, text, bytes, none, pending }: OperationAnswer,
  status: number,
  type: string,
  payload: string,
): string | undefined {
  if (status >= 300) return undefined;
  if (status === 204) return none ? undefined : 'it says nothing, and is described to answer';
  if (status === 202) return pending ? undefined : 'it waits for somebody, and is described not to';
  if (bytes) return undefined;
  if (text) return type.startsWith('text/plain') ? undefined : `${type} where text is described`;
  if (json === undefined) return 'an answer that is not described';
  const validate = validatorOf(json);
  if (validate(JSON.parse(payload))) return undefined;
  return `${JSON.stringify(validate.errors?.slice(0, 3))} in ${payload.slice(0, 500)}`;
}

/** For the option `onRoute` of the server. */
export function checkCamundaAnswers(route: RouteOptions): void {
  if (!route.url.startsWith(`${PREFIX}/`)) return;
  const shape = shapeOf(String(route.method), route.url.slice(PREFIX.length));
  // Answers at once: whoever sends what is no HTTP is refused before the parser notices.
  route.onSend = (request, reply, payload, done) => {
    // A browser's own question, which the operation does not answer.
    if (request.headers['access-control-request-method'] !== undefined) return done(null, payload);
    const body = Buffer.isBuffer(payload) || typeof payload === 'string' ? payload.toString() : '';
    const type = String(reply.getHeader('content-type') ?? '');
    const fault = answerFault(answers.get(shape) ?? {}, reply.statusCode, type, body);
    if (fault === undefined) return done(null, payload);
    done(new Error(`The answer of ${request.method} ${request.url} is not as described: ${fault}`));
  };
}
