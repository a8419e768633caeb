/** Whatever is sent to whatever is served: an answer that is no fault of the server, and the server goes on. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { RouteOptions } from 'fastify';
import { createServer } from '../server.ts';
import { job, zeebe } from '../testing/camunda8.test.ts';
import { type System, startSystem } from '../testing/real-kernel.test.ts';
import { PREFIX } from './prefix.ts';

const ONE = zeebe('one', `<bpmn:startEvent id="s" />${job('t', 'one')}`, ['s->t']);

/** Of every kind that a member can wrongly have. */
const VALUES: readonly unknown[] = [
  null,
  -1,
  1.5,
  1e300,
  Number.MAX_SAFE_INTEGER,
  '',
  'x',
  '\u0000',
  [],
  [null],
  [[]],
  {},
  { a: { b: 1 } },
  [{ x: 1 }],
];
const KEYS = ['x', '0', '-5', '99999999999999999999', '9000000000000001999', '9000000000000009000', '%00', '1'];
const TEXTS = [
  '',
  '[]',
  '"x"',
  '5',
  'null',
  '{',
  '{"a":',
  '[1',
  '{"__proto__":{}}',
  '\u0000',
  `${'['.repeat(70)}${']'.repeat(70)}`,
];

describe('malformed requests to the Camunda 8 face', () => {
  let system: System;
  const routes: { readonly method: string; readonly url: string }[] = [];
  let instance = '';
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'one.bpmn': ONE });
    ({ processInstanceKey: instance } = await system.post<{ processInstanceKey: string }>('/v2/process-instances', {
      processDefinitionId: 'one',
    }));
    const onRoute = ({ method, url }: RouteOptions) => {
      if (url.startsWith(`${PREFIX}/`)) routes.push({ method: String(method), url });
    };
    await (await createServer(system.kernel, { onRoute })).close();
  });
  after(() => system.stop());

  const inject = async (method: string, url: string, payload?: string, type = 'application/json') => {
    const answer = await system.app.inject({
      method: method as 'POST',
      url,
      ...(payload === undefined ? {} : { payload, headers: { 'content-type': type } }),
    });
    const told = `${method} ${url} ${payload?.slice(0, 200) ?? ''} → ${answer.statusCode} ${answer.body.slice(0, 300)}`;
    assert.ok(answer.statusCode < 500 || answer.statusCode === 501, told);
    if (answer.statusCode >= 400) {
      assert.equal(answer.headers['content-type'], 'application/problem+json', told);
      const { title, detail, status } = answer.json();
      assert.ok(title !== 'INTERNAL' && typeof detail === 'string' && status === answer.statusCode, told);
    }
    return answer;
  };
  const filled = (url: string, key: string) => url.replaceAll(/:\w+/g, key);
  /** With the key of what is there, unless that would end it. */
  const harmless = (url: string) => filled(url, /cancellation|deletion/.test(url) ? '1' : instance);

  it('with any key in the path', async () => {
    for (const { method, url } of routes.filter((route) => route.url.includes(':')))
      for (const key of KEYS) await inject(method, filled(url, key), method === 'GET' ? undefined : '{}');
  });

  it('with any text as the body', async () => {
    for (const { method, url } of routes.filter((route) => route.method !== 'GET'))
      for (const text of TEXTS) await inject(method, harmless(url), text);
  });

  it('with a body of another type', async () => {
    for (const { method, url } of routes.filter((route) => route.method !== 'GET')) {
      const path = harmless(url);
      assert.equal((await inject(method, path, '<a/>', 'application/xml')).statusCode, 415, path);
      await inject(method, path, '--x\r\n\r\n', 'multipart/form-data; boundary=x');
      await inject(method, path, '', 'multipart/form-data');
    }
  });

  /** Of the requests of each resource together, and what is inside of some. */
  const MEMBERS: readonly (readonly [RegExp, string])[] = [
    [/search$/, 'filter sort page'],
    [/jobs\/activation/, 'type worker timeout maxJobsToActivate fetchVariable requestTimeout tenantIds tenantFilter'],
    [/jobs\//, 'variables result errorCode errorMessage retries retryBackOff changeset'],
    [
      /messages|signals|conditionals/,
      'name signalName correlationKey timeToLive messageId tenantId variables processDefinitionKey',
    ],
    [
      /process-instances$/,
      'processDefinitionId processDefinitionKey processDefinitionVersion variables tenantId fetchVariables awaitCompletion requestTimeout startInstructions runtimeInstructions tags businessId',
    ],
    [/modification/, 'activateInstructions moveInstructions terminateInstructions'],
    [/migration/, 'targetProcessDefinitionKey mappingInstructions'],
    [/resources/, 'deleteHistory'],
    [/element-instances/, 'variables local elements cancelRemainingInstances'],
    [/user-tasks/, 'assignee allowOverride action changeset variables'],
    [/decision-definitions/, 'decisionDefinitionId decisionDefinitionKey variables tenantId'],
  ];
  const membersOf = (url: string) => MEMBERS.find(([path]) => path.test(url))?.[1].split(' ') ?? [];
  /** What a request needs before its other members are looked at. */
  const GOOD = {
    type: 'one',
    timeout: 1,
    maxJobsToActivate: 1,
    requestTimeout: -1,
    processDefinitionId: 'one',
    errorCode: 'x',
    name: 'x',
    signalName: 'x',
    changeset: { timeout: 1 },
    targetProcessDefinitionKey: '1',
    mappingInstructions: [],
    elements: [{ elementId: 't' }],
    decisionDefinitionId: 'x',
  };

  it('with a value of the wrong kind in any member', async () => {
    for (const { method, url } of routes.filter((route) => route.method !== 'GET'))
      for (const member of membersOf(url))
        for (const value of VALUES) {
          // Nothing is wrong with it: it waits.
          if (member === 'requestTimeout' && (value === null || Number(value) > 1)) continue;
          await inject(method, harmless(url), JSON.stringify({ ...GOOD, [member]: value }));
        }
  });

  it('and the instance is still there', async () => {
    const answer = await inject('GET', `/v2/process-instances/${instance}`);
    assert.equal(answer.json().state, 'ACTIVE');
  });
});
