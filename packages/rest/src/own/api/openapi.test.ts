/** The description of `/api` and `/proc`: of every route that is served, made of the types of the wire, and held against what comes in. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Compile } from 'typebox/schema';
import { protocolSchemas } from '../../../api/schemas.ts';
import { answerFault } from '../../testing/checked-answers.test.ts';
import { bpmn, type System, startSystem } from '../../testing/real-kernel.test.ts';
import { answerSchema, type Schema, schemas } from './schemas.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, unknown>>;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

describe('GET /api/openapi.json', () => {
  const served: string[] = [];
  let system: System;
  let document: Document;
  before(async () => {
    system = await startSystem({
      onRoute: ({ method, url }) => {
        if (/^\/(api|proc)(\/|$)/.test(url))
          for (const one of [method].flat()) if (one !== 'HEAD') served.push(`${one} ${url}`);
      },
    });
    document = await system.get<Document>('/api/openapi.json');
  });
  after(() => system.stop());

  const operations = (): [path: string, method: string, operation: Operation][] =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [path, method, operation] as [string, string, Operation]),
    );

  test('describes every route that is served, and no other', () => {
    const described = operations().map(
      ([path, method]) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
    );
    const trimmed = served.map((route) => route.replace(/(.)\/$/, '$1'));
    assert.deepEqual(described.sort(), [...new Set(trimmed)].sort());
    assert.ok(described.length > 70, `${described.length} routes`);
  });

  test('is sound: references lead somewhere, names are unique, parameters of paths are described', () => {
    assert.equal(document.openapi, '3.1.0');
    assert.equal(document.info.version, 'test');
    for (const [, name] of JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
      assert.ok(name !== undefined && Object.hasOwn(document.components.schemas, name), name);
    const ids = operations().map(([, , { operationId }]) => operationId);
    assert.deepEqual(ids, [...new Set(ids)]);
    for (const [path, method, operation] of operations()) {
      const inPath = operation.parameters.filter((one) => one.in === 'path').map(({ name }) => name);
      assert.deepEqual(
        inPath,
        [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]),
        `${method} ${path}`,
      );
      assert.ok(operation.summary.endsWith('.'), path);
      assert.ok(Object.keys(operation.responses).length >= 2, path);
      if (method === 'get') assert.equal(operation.requestBody, undefined, path);
    }
    for (const name of Object.keys(schemas)) Compile(answerSchema(name));
  });

  test('its schemas are those of the types (npm run docs:api writes them)', () => {
    assert.deepEqual(schemas, protocolSchemas());
  });

  test('a body that is not as described is refused with what is wrong, and where', async () => {
    const post = async (path: string, body: unknown) => {
      const answer = await system.app.inject({ method: 'POST', url: path, payload: body as object });
      return [answer.statusCode, (answer.json() as { message?: string }).message];
    };
    const cases: readonly (readonly [path: string, body: unknown, message: string])[] = [
      ['/api/requests', {}, 'Member bpmnProcessId is missing: see /api/openapi.json.'],
      ['/api/requests', { bpmnProcessId: 7 }, 'Member bpmnProcessId must be a text.'],
      ['/api/requests', { bpmnProcessId: 'x', variables: [] }, 'Member variables must be an object.'],
      [
        '/api/batches',
        { operation: 'stop', bpmnProcessId: 'x' },
        'Member operation is "stop": give cancel, suspend, resume, retry.',
      ],
      [
        '/api/processes/1/activations',
        { elements: [{}] },
        'Member elements.0.elementId is missing: see /api/openapi.json.',
      ],
      [
        '/api/processes/1/signals',
        { signal: 'NO' },
        'Member signal is "NO": give TERM, KILL, STOP, CONT, HUP, USR1, SIGTERM, SIGKILL, SIGSTOP, SIGCONT, SIGHUP, SIGUSR1.',
      ],
      [
        '/api/limits',
        { pid: '1', reason: 'r', limits: { elements: 'many' } },
        'Member limits.elements must be a number.',
      ],
      ['/api/services/x/outcomes', { ok: 'yes' }, 'Member ok must be true or false.'],
      ['/api/definitions/check', { resources: 'a.bpmn' }, 'Member resources must be a list.'],
    ];
    for (const [path, body, message] of cases) assert.deepEqual(await post(path, body), [400, message], path);
    // What may be absent may also be null.
    const [status] = await post('/api/messages', { name: 'nobody', correlationKey: null, variables: null });
    assert.equal(status, 201);
  });

  test('a query parameter that there is not is refused with those that there are', async () => {
    const answer = await system.app.inject('/api/tasks?assigne=ada');
    assert.equal(answer.statusCode, 400);
    assert.equal(answer.json().message, 'There is no query parameter assigne: there are assignee, limit, offset.');
    assert.match((await system.app.inject('/api/system?x=1')).json().message, /this route has none/);
  });

  test('every type of answer is one that the check of answers would find out', async () => {
    await system.deploy({ 'p.bpmn': bpmn('p', '<bpmn:startEvent id="s" />', []) });
    const list = await system.get<Record<string, unknown>>('/api/definitions');
    const about = { about: '', answer: 'DefinitionList' };
    assert.equal(answerFault(about, 200, 'application/json', JSON.stringify(list)), undefined);
    assert.match(answerFault(about, 200, 'application/json', JSON.stringify({ ...list, more: 1 })) ?? '', /additional/);
    assert.match(answerFault(about, 200, 'application/json', '{"definitions":[{}]}') ?? '', /required/);
    assert.match(answerFault(about, 201, 'application/json', '{}') ?? '', /status 201/);
    assert.match(answerFault(about, 200, 'text/html', '') ?? '', /media type/);
    assert.match(answerFault({ about: '' }, 200, 'application/json', '{}') ?? '', /status 200/);
  });
});
