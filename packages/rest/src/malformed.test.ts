/**
 * Every route of every face is sent what nobody should send: refused in the words of its face, never a failure that nobody
 * expected, and nothing of a refused request is written. What a route reads is learned from it, so a new one is in at once.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openSqliteStore } from '@procos/store';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { createServer } from './server.ts';
import { CALLED, EVERYTHING, GRAPH } from './testing/camunda-models.test.ts';
import { Learner, type Route } from './testing/learning.test.ts';
import { bpmn, type System, startSystem } from './testing/real-kernel.test.ts';

/** To be started again and again. */
const LIGHT = bpmn('light', '<bpmn:startEvent id="start" /><bpmn:userTask id="wait" />', ['start->wait']);
/** Nothing is asked about durability here, and a disk would be waited for thousands of times. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const BODY_LIMIT = 20_000;
const UNKNOWN = '999999999';

/** In the place of every member, as JSON. */
const VALUES = [
  'null',
  'true',
  '-1',
  '1.5',
  '1e999',
  '9007199254740993',
  '""',
  '"x"',
  '"1"',
  '"\\u0000"',
  '"\\ud800"',
  '"__proto__"',
  '"2026-13-45T99:99:99"',
  `"${'x'.repeat(5_000)}"`,
  '[]',
  '[null]',
  '["x"]',
  '[{}]',
  '{}',
  '{"x":null}',
  '{"x":{"value":1}}',
  '{"x":{"type":1}}',
];
/** In the place of members of members. */
const INNER = ['null', '-1', '1e999', '"x"', '"constructor"', '[]', '[null]', '{}', '{"toString":1}'];
/** In the place of a member that another route of the face has, too: how it is read is known, here what becomes of it counts. */
const AGAIN = ['null', 'true', '1.5', '"x"', '"1"', '["x"]', '[{}]', '{}'];
const INNER_AGAIN = ['null', '"x"', '[{}]'];
const PARAMETERS = [
  '',
  'x',
  '-1',
  '1e99',
  '%00',
  '__proto__',
  '[]',
  'a_eq_b',
  'true',
  'asc',
  '2026-13-45T99:99:99',
  'x'.repeat(3_000),
];
const PARAMETERS_AGAIN = ['x', '-1', '__proto__'];
const IDS = [
  UNKNOWN,
  'x',
  '-1',
  '1e5',
  '9'.repeat(40),
  '%00',
  '..%2f..%2fetc',
  '__proto__',
  'light:1:99',
  'x'.repeat(3_000),
];

/** What the whole body may be wrong with, and what is said to it by every route. */
const BODIES: readonly (readonly [string, number])[] = [
  ['{"a":', 400],
  ['[]', 400],
  ['{"a":[{"__proto__":1}]}', 400],
  [`{"a":${'['.repeat(64)}${']'.repeat(64)}}`, 422],
  [`{"a":"${'x'.repeat(BODY_LIMIT)}"}`, 413],
];
/** One parser reads them for all routes: these are asked of one route of each face. */
const MORE_BODIES: readonly (readonly [string, number])[] = [
  '{',
  '[',
  '{"a":}',
  '{"a":1,}',
  "{'a':1}",
  '{"a":NaN}',
  '{"a":01}',
  '{"a":"\t"}',
  '{"a":"\\u00zz"}',
  '{}{}',
  '\0',
  ' ',
  '""',
  '1',
  'true',
  '{"__proto__":{"x":1}}',
].map((body) => [body, 400] as const);
const FOREIGN: readonly (readonly [string, string])[] = [
  ['application/x-www-form-urlencoded', 'a=b'],
  ['text/plain', '{}'],
  ['text/xml', '<a/>'],
  ['application/jsonx', '{}'],
];
const FORM = { 'content-type': 'multipart/form-data; boundary=b' };
const FORMS = ['--b--\r\n', '--b', '', '\0', '--b\r\n\r\nx\r\n--b--\r\n'];
const WHOLE_FORM = '--b\r\ncontent-disposition: form-data; name="a"; filename="a.txt"\r\n\r\nx\r\n--b--\r\n';

/** Reads the body itself, as bytes: whatever they are, they are what is kept. */
const TAKES_BYTES = new Set(['POST /api/blobs', 'PUT /api/processes/:pid/variables/:name/data']);
const TAKES_FORMS = new Set([
  'POST /engine-rest/deployment/create',
  'POST /engine-rest/process-instance/:id/variables/:name/data',
  'POST /engine-rest/execution/:id/localVariables/:name/data',
  'POST /engine-rest/task/:id/variables/:name/data',
  'POST /engine-rest/task/:id/localVariables/:name/data',
  'POST /engine-rest/task/:id/attachment/create',
  'POST /v2/deployments',
  'POST /api/drafts',
]);
/** Answers when there is something to say. */
const MAY_WAIT =
  /^(GET \/api\/(events|logs)|POST \/engine-rest\/external-task\/fetchAndLock|POST \/v2\/jobs\/activation)$/;

/** Commands of requests that were accepted before: batches, and long polls that nobody waits for any more. */
const GOES_ON = new Set(['workOnItem', 'fetchAndLock']);

const faceOf = (url: string): 'camunda7' | 'camunda8' | 'own' | 'other' => {
  if (/^\/(engine-rest|\.well-known)/.test(url)) return 'camunda7';
  if (url.startsWith('/v2')) return 'camunda8';
  return url.startsWith('/api') ? 'own' : 'other';
};
const MEMBERS = {
  camunda7: ['type', 'message', 'code'],
  camunda8: ['type', 'title', 'status', 'detail', 'instance'],
  own: ['code', 'message'],
  other: [],
};

describe('every route', () => {
  const learner = new Learner();
  const faults: string[] = [];
  /** What was wrong with an answer, once for every route and kind. */
  const wrong = new Map<string, string>();
  let system: System;
  let folder = '';
  let app: FastifyInstance;
  let routes: readonly Route[] = [];
  /** Identities of a process instance that runs, by what stands before them in a path. */
  let known: Readonly<Record<string, string>> = {};
  let definitionId = '';

  before(async () => {
    folder = await mkdtemp(join(MEMORY, 'procos-malformed-'));
    // The real one: a database has its own opinion of what can be kept.
    system = await startSystem({ store: openSqliteStore({ directory: folder }) });
    await system.kernel.ready;
    app = await createServer(system.kernel, {
      bodyLimit: BODY_LIMIT,
      logger: { error: (_event, text, fields) => faults.push(`${text}\n${String(fields?.['stack'])}`) },
      onRoute: learner.watch,
    });
    await app.ready();
    routes = learner.routes.filter(
      // Camunda's second prefix has the same routes, and what is under no path has no route.
      ({ method, url }) =>
        method !== 'OPTIONS' && method !== 'HEAD' && !/^\/engine-rest\/engine\/default|\*$/.test(url),
    );
  });
  after(async () => {
    await app.close();
    await system.stop();
    await rm(folder, { recursive: true });
  });

  /** Of a body with which it could be carried out. */
  const isHarmless = ({ url }: Route): boolean => url !== '/api/shutdown';
  const changes = ({ method }: Route): boolean => method !== 'GET';

  /** Until who asks hangs up: after every answer, or where it may have to wait for something to happen. */
  const ALWAYS_MS = 20_000;
  const WAITING_MS = 2;

  /** Sends it and holds the answer against what is true of every answer. undefined: it waits, where it may. */
  async function send(
    route: Route,
    options: Omit<InjectOptions, 'method'>,
    patienceMs: number = MAY_WAIT.test(`${route.method} ${route.url}`) ? WAITING_MS : ALWAYS_MS,
  ): Promise<LightMyRequestResponse | undefined> {
    const { engine } = system.kernel;
    const from = engine.lastSequence;
    const gone = new AbortController();
    const timer = setTimeout(() => gone.abort(), patienceMs);
    const headers = { 'x-procos-user': 'stranger', ...options.headers };
    const request = { ...options, method: route.method as 'GET', headers, signal: gone.signal };
    const name = `${route.method} ${route.url}`;
    const shown = `${route.method} ${String(options.url).slice(0, 200)} ${String(options.payload ?? '').slice(0, 300)}`;
    const answer = await app.inject(request).catch(() => undefined);
    clearTimeout(timer);
    const complain = (kind: string, text: string): void => {
      if (!wrong.has(`${kind} ${name}`)) wrong.set(`${kind} ${name}`, `${kind}: ${shown}: ${text}`);
    };
    for (const fault of faults.splice(0)) complain(fault.split('\n')[2] ?? 'fault', fault);
    if (answer === undefined && !MAY_WAIT.test(name)) complain('no answer', '');
    if (answer === undefined || answer.statusCode < 400) return answer;
    const face = faceOf(route.url);
    const about = `${answer.statusCode} ${answer.body.slice(0, 300)}`;
    // Camunda 7 says 500 where an id names nothing; of the others it is never an answer.
    if (answer.statusCode >= 500 && answer.statusCode !== 501 && face !== 'camunda7') complain('status', about);
    if (face !== 'other') {
      const body = answer.json<Record<string, unknown>>();
      if (MEMBERS[face].some((member) => !(member in body))) complain('body', about);
      const type = face === 'camunda8' ? 'application/problem+json' : 'application/json';
      if (answer.headers['content-type'] !== type) complain('type', String(answer.headers['content-type']));
    }
    const written = engine
      .records(from, 1_000)
      .filter(({ by, command }) => by.id === 'stranger' && !GOES_ON.has(command));
    if (written.length > 0) complain('written though refused', `${about} ${JSON.stringify(written).slice(0, 300)}`);
    return answer;
  }

  /** With identities that are there, so that the route comes to look at the rest. */
  function pathOf(route: Route, id?: string): string {
    const before = (at: string): string => (route.url.includes('decision-definition') ? `decision-${at}` : at);
    return route.url.replaceAll(/\/([^/:]+)\/:\w+|\/:\w+/g, (_all, segment?: string) =>
      segment === undefined
        ? `/${id ?? known['variables'] ?? UNKNOWN}`
        : `/${segment}/${id ?? known[before(segment)] ?? known[segment] ?? UNKNOWN}`,
    );
  }

  async function begin(): Promise<void> {
    const start = () =>
      app.inject({ method: 'POST', url: '/engine-rest/process-definition/key/everything/start', payload: {} });
    let started = await start();
    if (started.statusCode !== 200) {
      const { deployedProcessDefinitions } = await system.deploy({
        'everything.bpmn': EVERYTHING,
        'called.bpmn': CALLED,
        'light.bpmn': LIGHT,
        'graph.dmn': GRAPH,
      });
      definitionId = Object.keys(deployedProcessDefinitions ?? {}).find((id) => id.startsWith('light')) ?? '';
      started = await start();
    }
    assert.equal(started.statusCode, 200, started.body);
    const { id } = started.json<{ id: string }>();
    const { engine } = system.kernel;
    const where = [{ column: 'processInstanceId', op: '=', value: Number(id) }] as const;
    const first = (table: 'userTasks' | 'externalTasks' | 'timers' | 'incidents' | 'elementInstances' | 'variables') =>
      String(engine.find(table, { where, limit: 1 })[0]?.id ?? UNKNOWN);
    const numericDefinition = definitionId.split(':').at(-1) ?? '';
    const deployment = String(engine.definition(Number(numericDefinition))?.deploymentId ?? UNKNOWN);
    const decision = String(engine.find('decisions', { limit: 1 })[0]?.id ?? UNKNOWN);
    known = {
      task: first('userTasks'),
      tasks: first('userTasks'),
      'user-tasks': first('userTasks'),
      'external-task': first('externalTasks'),
      jobs: first('externalTasks'),
      job: first('timers'),
      incident: first('incidents'),
      incidents: first('incidents'),
      execution: first('elementInstances'),
      'element-instances': first('elementInstances'),
      'variable-instance': first('variables'),
      'process-instance': id,
      'process-instances': id,
      processes: id,
      'process-definition': definitionId,
      'process-definitions': numericDefinition,
      definitions: numericDefinition,
      key: 'light',
      'decision-key': 'final',
      'decision-definition': decision,
      decisions: decision,
      variables: 'own',
      localVariables: 'own',
      deployment,
    };
  }

  const met = new Set<string>();
  /** Whether a route of the same face has it, too, and was asked before. */
  const isMet = (route: Route, name: string): boolean => {
    const key = `${faceOf(route.url)} ${name}`;
    const seen = met.has(key);
    met.add(key);
    return seen;
  };

  const nothingWrong = (): void => {
    const found = [...wrong.values()];
    wrong.clear();
    assert.equal(found.length, 0, `${found.length} answers are wrong:\n${found.slice(0, 40).join('\n')}`);
  };

  it('refuses ids that name nothing', async () => {
    await begin();
    for (const route of routes.filter(({ url }) => url.includes('/:')))
      for (const id of IDS) await send(route, { url: pathOf(route, id), ...(changes(route) ? { payload: {} } : {}) });
    nothingWrong();
  });

  it('refuses a body that is no JSON object, or too much of one, with the same status everywhere', async () => {
    const JSON_TYPE = { 'content-type': 'application/json' };
    const faces = new Set<string>();
    for (const route of routes.filter(changes)) {
      const name = `${route.method} ${route.url}`;
      if (TAKES_BYTES.has(name)) continue;
      const url = pathOf(route, UNKNOWN);
      const isFirst = !faces.has(faceOf(route.url));
      faces.add(faceOf(route.url));
      const expect = async (status: number, payload: string | Buffer, headers: Record<string, string>) => {
        // Refused wherever it comes to: nothing is waited for.
        const answer = await send(route, { url, payload, headers }, ALWAYS_MS);
        const shown = `${name} ${String(payload).slice(0, 40)}: ${answer?.body}, not ${status}`;
        if (answer?.statusCode !== status) wrong.set(`${name} ${String(payload)}`, shown);
      };
      for (const [payload, status] of isFirst ? [...BODIES, ...MORE_BODIES] : BODIES)
        await expect(status, payload, JSON_TYPE);
      await expect(400, Buffer.from('{"a":"\xfc"}', 'latin1'), JSON_TYPE);
      for (const [type, payload] of FOREIGN.slice(0, isFirst ? undefined : 1))
        await expect(415, payload, { 'content-type': type });
      for (const payload of FORMS.slice(0, isFirst || TAKES_FORMS.has(name) ? undefined : 1))
        await send(route, { url, payload, headers: FORM });
    }
    assert.deepEqual([...faces].sort(), ['camunda7', 'camunda8', 'own']);
    nothingWrong();
  });

  it('refuses query parameters that cannot be what they say', async () => {
    for (const route of routes.filter(isHarmless)) {
      const url = pathOf(route);
      const body = changes(route) ? { payload: {} } : {};
      learner.taken();
      await send(route, { url: `${url}?x=1`, ...body });
      for (const name of learner.taken().parameters) {
        const values = isMet(route, `?${name}`) ? PARAMETERS_AGAIN : PARAMETERS;
        for (const value of [...values, `1&${name}=2`]) await send(route, { url: `${url}?${name}=${value}`, ...body });
      }
    }
    nothingWrong();
  });

  it('refuses members that are not what they should be', async () => {
    // What answers with all that there is comes first, while that is little.
    const first = (url: string): number => Number(url.includes('/:'));
    const asked = routes
      .filter((one) => changes(one) && isHarmless(one) && !TAKES_BYTES.has(`${one.method} ${one.url}`))
      .sort((a, b) => first(a.url) - first(b.url));
    for (const route of asked) {
      if (route.url.includes('/:')) await begin();
      const bodies = new Map<string, object>();
      const open: string[] = [];
      let isUsed = false;
      /** What the body was with which it looked at more. */
      const learn = (body: object): void => {
        for (const path of learner.taken().members) {
          // Names that are the user's own are all alike.
          if (bodies.has(path) || path.split('.').length > 3 || /\.x\..*\.|x\.x/.test(path)) continue;
          bodies.set(path, body);
          open.push(path);
        }
      };
      const post = async (body: string): Promise<void> => {
        learner.taken();
        const headers = { 'content-type': 'application/json' };
        const answer = await send(route, { url: pathOf(route), payload: body, headers });
        isUsed ||= answer !== undefined && answer.statusCode < 300;
      };
      // Names that every object of JavaScript has, and that nobody asks for.
      await post('{"toString":1,"hasOwnProperty":1,"constructor":{"prototype":{"x":1}}}');
      await post('{}');
      learn({});
      for (let path = open.shift(); path !== undefined; path = open.shift()) {
        if (isUsed && route.url.includes('/:')) await begin();
        isUsed = false;
        const base = bodies.get(path) ?? {};
        // Camunda 8's face has one reader for all its members, with tests of its own.
        const seen = isMet(route, path) || faceOf(route.url) === 'camunda8';
        for (const value of path.includes('.') ? (seen ? INNER_AGAIN : INNER) : seen ? AGAIN : VALUES) {
          await post(JSON.stringify(withMember(base, path, HOLE)).replace(`"${HOLE}"`, value));
          learn(withMember(base, path, plain(value)));
        }
      }
      // With the form unread, something else would be done than was asked.
      if (isUsed && route.url.includes('/:')) await begin();
      const takes = bodies.size === 0 || TAKES_FORMS.has(`${route.method} ${route.url}`);
      const answer = await send(route, { url: pathOf(route), payload: WHOLE_FORM, headers: FORM });
      if (!takes && answer?.statusCode !== 415)
        wrong.set(route.url, `${route.method} ${route.url} takes a form: ${answer?.body}`);
    }
    nothingWrong();
  });

  it('works afterwards as before', async () => {
    await begin();
    const task = `/engine-rest/external-task/${known['external-task']}`;
    await system.post(`${task}/lock`, { workerId: 'w', lockDuration: 10_000 });
    await system.post(`${task}/complete`, { workerId: 'w' });
    assert.equal(system.kernel.status().phase, 'ready');
    assert.equal(({} as Record<string, unknown>)['x'], undefined);
  });
});

const HOLE = 'what is put here';

/** Infinity and text that is not in one piece have no JSON of their own: the nearest that has. */
function plain(json: string): unknown {
  return JSON.parse(json);
}

function withMember(body: object, path: string, value: unknown): object {
  const [name = '', ...rest] = path.split('.');
  const inside = (body as Record<string, unknown>)[name];
  if (rest.length === 0) return { ...body, [name]: value };
  const put = (into: unknown): object =>
    withMember(typeof into === 'object' && into !== null ? into : {}, rest.join('.'), value);
  return { ...body, [name]: Array.isArray(inside) ? [put(inside[0])] : put(inside) };
}
