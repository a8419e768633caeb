/** The description of the Camunda 7 face: exactly the routes that are served, with the parameters that they take. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { LISTS } from '../../testing/camunda-lists.test.ts';
import { answerFault } from '../../testing/checked-camunda-answers.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';
import { PREFIX } from '../prefixes.ts';
import { answersOf, shapeOf } from './answers.ts';

const named = (schema: object) => ({ type: 'object', additionalProperties: schema });
const content = named({
  type: 'object',
  required: ['schema'],
  properties: { schema: { type: 'object' } },
  additionalProperties: false,
});
/** What OpenAPI 3.0 demands of those of its objects that the description has. */
const OPENAPI = {
  type: 'object',
  required: ['openapi', 'info', 'paths'],
  additionalProperties: false,
  properties: {
    openapi: { type: 'string', pattern: '^3\\.0\\.\\d+$' },
    info: {
      type: 'object',
      required: ['title', 'version'],
      additionalProperties: false,
      properties: {
        title: { type: 'string' },
        version: { type: 'string' },
        description: { type: 'string' },
        license: { type: 'object', required: ['name'] },
      },
    },
    servers: { type: 'array', items: { type: 'object', required: ['url'] } },
    security: { type: 'array', items: named({ type: 'array', items: { type: 'string' } }) },
    components: { type: 'object' },
    paths: {
      type: 'object',
      additionalProperties: false,
      patternProperties: {
        '^/': {
          type: 'object',
          additionalProperties: false,
          patternProperties: {
            '^(get|post|put|delete|options|patch)$': {
              type: 'object',
              required: ['responses', 'operationId', 'summary'],
              additionalProperties: false,
              properties: {
                operationId: { type: 'string' },
                summary: { type: 'string', minLength: 5 },
                'x-action': { type: 'string' },
                tags: { type: 'array', items: { type: 'string' } },
                parameters: {
                  type: 'array',
                  items: {
                    type: 'object',
                    required: ['name', 'in', 'schema'],
                    additionalProperties: false,
                    properties: {
                      name: { type: 'string' },
                      in: { enum: ['query', 'path'] },
                      required: { type: 'boolean' },
                      schema: { type: 'object' },
                    },
                    if: { properties: { in: { const: 'path' } } },
                    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema.
                    then: { required: ['required'], properties: { required: { const: true } } },
                  },
                },
                requestBody: {
                  type: 'object',
                  required: ['content'],
                  properties: { content, required: { type: 'boolean' } },
                },
                responses: {
                  type: 'object',
                  minProperties: 1,
                  additionalProperties: false,
                  patternProperties: {
                    '^([1-5]\\d\\d|default)$': {
                      type: 'object',
                      required: ['description'],
                      additionalProperties: false,
                      properties: { description: { type: 'string' }, content },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

describe('GET /engine-rest/openapi.json', () => {
  let system: System;
  let document: Document;
  const served: string[] = [];
  before(async () => {
    system = await startSystem({
      onRoute: ({ method, url }) => {
        if (!url.startsWith(`${PREFIX}/`)) return;
        served.push(`${String(method)} ${url.slice(PREFIX.length).replaceAll(/:(\w+)/g, '{$1}')}`);
      },
    });
    document = await system.get('/engine-rest/openapi.json');
  });
  after(() => system.stop());

  it('lists exactly the routes that are served', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.deepEqual(described.toSorted(), served.toSorted());
    assert.ok(served.length > 250, `${served.length} routes`);
  });

  it('is sound OpenAPI 3.0: its objects, its references, its names', () => {
    const validate = new Ajv({ strict: false, allErrors: true }).compile(OPENAPI);
    validate(document);
    assert.deepEqual((validate.errors ?? []).slice(0, 5), []);
    const names = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map((one) => one.operationId),
    );
    assert.equal(new Set(names).size, names.length);
    for (const [, name = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
      assert.ok(Object.hasOwn(document.components.schemas, name), name);
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const { parameters } of Object.values(methods)) {
        const inPath = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
        assert.deepEqual(
          inPath,
          [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
          path,
        );
        assert.equal(new Set(parameters.map(({ name }) => name)).size, parameters.length, path);
      }
    }
  });

  it('says of every operation that is served what it answers, and of no other', () => {
    const shapes = served.map((operation) => shapeOf(...(operation.split(' ') as [string, string])));
    assert.deepEqual(Array.from(answersOf().keys()).toSorted(), shapes.toSorted());
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, { responses }] of Object.entries(methods))
        assert.ok(
          Object.keys(responses).some((status) => status.startsWith('2')),
          `${method} ${path}`,
        );
    }
  });

  it('a task is described member by member', () => {
    const { schema } = document.paths['/task/{id}']?.['get']?.responses['200']?.content?.['application/json'] ?? {};
    assert.deepEqual(schema, { $ref: '#/components/schemas/TaskWithAttachmentAndCommentDto' });
    const { required, properties } = document.components.schemas['TaskWithAttachmentAndCommentDto'] as {
      readonly required: readonly string[];
      readonly properties: Readonly<Record<string, object>>;
    };
    assert.deepEqual(properties['id'], { type: 'string' });
    assert.deepEqual(properties['assignee'], { type: 'string', nullable: true });
    assert.deepEqual(properties['delegationState'], {
      type: 'string',
      enum: ['PENDING', 'RESOLVED', null],
      nullable: true,
    });
    assert.deepEqual(properties['camundaFormRef'], {
      nullable: true,
      allOf: [{ $ref: '#/components/schemas/CamundaFormRef' }],
    });
    assert.deepEqual([required.includes('assignee'), required.includes('variables')], [true, false]);
  });

  it('answers are held against it in all tests that ask a real kernel: each kind of fault is seen', () => {
    const fault = (operation: string, status: number, body: unknown, type = 'application/json') =>
      answerFault(answersOf().get(operation) ?? {}, status, type, JSON.stringify(body));
    const form = { key: null, camundaFormRef: null, contextPath: null };
    const asked = 'GET /task/{}/form';
    assert.equal(fault(asked, 200, form), undefined);
    assert.equal(
      fault(asked, 200, { ...form, camundaFormRef: { key: 'a', binding: 'latest', version: 1 } }),
      undefined,
    );
    const { key: _key, ...less } = form;
    const wrong = [less, { ...form, more: 1 }, { ...form, key: 1 }, { ...form, camundaFormRef: {} }, [form], null];
    for (const body of wrong) assert.match(fault(asked, 200, body) ?? '', /must/, JSON.stringify(body));
    assert.match(fault(asked, 204, '') ?? '', /says nothing/);
    assert.match(fault('GET /group/{}', 202, {}) ?? '', /waits/);
    assert.equal(fault('DELETE /group/{}', 202, {}), undefined);
    assert.match(fault('DELETE /group/{}', 200, {}) ?? '', /not described/);
    assert.match(fault('GET /job/{}/stacktrace', 200, {}) ?? '', /text/);
    assert.match(fault('GET /incident/{}', 200, { id: null }) ?? '', /must/);
  });

  it('names the parameters and orders of every list', () => {
    for (const { path } of LISTS) {
      const parameters = document.paths[path]?.['get']?.parameters.map(({ name }) => name) ?? [];
      assert.ok(parameters.includes('sortBy') && parameters.length > 6, `${path}: ${parameters}`);
    }
  });

  it('an answer with links inside (HAL) is not served: who would like one gets what is described', async () => {
    const headers = { accept: 'application/hal+json, application/json; q=0.5' };
    const answer = await system.app.inject({ url: '/engine-rest/process-definition', headers });
    assert.deepEqual([answer.statusCode, answer.headers['content-type']], [200, 'application/json']);
    assert.ok(Array.isArray(answer.json()));
  });

  it('is the same where the default engine is named', async () => {
    assert.deepEqual(await system.get(`${PREFIX}/engine/default/openapi.json`), document);
  });
});
