/**
 * What Camunda Modeler sends for Camunda 7, byte for byte: the requests of its connection check, deployment and start, with
 * the headers that Chromium adds for a page of a desktop program.
 */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { bpmn, type System, startSystem } from '../../packages/rest/src/testing/real-kernel.test.ts';

const NAME = 'Überweisung 1.bpmn';
const TRANSFER = bpmn(
  'transfer',
  '<bpmn:startEvent id="Start" /><bpmn:businessRuleTask id="Decide" camunda:decisionRef="limit" /><bpmn:userTask id="Approve" />',
  ['Start->Decide', 'Decide->Approve'],
);
const LIMIT = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="limits" name="Limits" namespace="http://example.org">
  <decision id="limit"><decisionTable id="t">
    <output id="o" name="limit" typeRef="integer" />
    <rule id="r"><outputEntry id="e"><text>1000</text></outputEntry></rule>
  </decisionTable></decision>
</definitions>`;
const BROKEN = TRANSFER.replace('targetRef="Approve"', 'targetRef="Nowhere"');

/** What Chromium adds to every request of the program's own page. */
const CHROMIUM = {
  connection: 'keep-alive',
  'sec-ch-ua': '"Chromium";v="134", "Not:A-Brand";v="24"',
  'sec-ch-ua-mobile': '?0',
  'user-agent':
    'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) camunda-modeler/5.37.0 Chrome/134.0.6998.205 Electron/35.7.5 Safari/537.36',
  origin: 'file://',
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
  'accept-encoding': 'identity',
  'accept-language': 'de-DE',
};

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Record<string, never>;
}

type File = readonly [name: string, content: string, type?: string];

class Modeler {
  readonly #url: string;
  readonly #authorization: string | undefined;
  constructor(url: string, authorization?: string) {
    this.#url = url;
    this.#authorization = authorization;
  }

  ask(method: string, path: string, body?: string, type?: string): Promise<Answer> {
    const headers = {
      ...CHROMIUM,
      accept: 'application/json',
      ...(this.#authorization === undefined ? {} : { authorization: this.#authorization }),
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(this.#url + path, { method, headers, agent: false }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => {
          const parsed = text === '' ? {} : JSON.parse(text);
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: parsed });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  checkConnection = () => this.ask('GET', '/engine-rest/deployment?maxResults=0');
  version = () => this.ask('GET', '/engine-rest/version');

  /** The form in Chromium's spelling: the names in UTF-8, the attachments without a type of their own. */
  deploy(name: string, [diagram, ...attachments]: readonly File[], tenantId = '') {
    const boundary = '----WebKitFormBoundary7MA4YWxkTrZu0gW3';
    const field = (of: string, value: string) => `Content-Disposition: form-data; name="${of}"\r\n\r\n${value}`;
    const file = ([of, content, type = 'application/octet-stream']: File) =>
      `Content-Disposition: form-data; name="${of}"; filename="${of}"\r\nContent-Type: ${type}\r\n\r\n${content}`;
    const [of = '', content = ''] = diagram ?? [];
    const parts = [
      field('deployment-name', name),
      field('deployment-source', 'Camunda Modeler'),
      field('enable-duplicate-filtering', 'true'),
      ...(tenantId === '' ? [] : [field('tenant-id', tenantId)]),
      file([of, content, 'text/xml']),
      ...attachments.map(file),
    ];
    const body = `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`;
    return this.ask('POST', '/engine-rest/deployment/create', body, `multipart/form-data; boundary=${boundary}`);
  }

  start(definition: { readonly id: string }, businessKey?: string, variables?: object) {
    const body = JSON.stringify({ businessKey, variables });
    return this.ask('POST', `/engine-rest/process-definition/${definition.id}/start`, body, 'application/json');
  }
}

/** The one that it starts. */
const firstOf = ({ body }: Answer) =>
  Object.values(body['deployedProcessDefinitions'] ?? {})[0] as unknown as {
    id: string;
    resource: string;
    tenantId: string | null;
  };

describe('Camunda Modeler, for Camunda 7', () => {
  let system: System;
  let modeler: Modeler;
  before(async () => {
    system = await startSystem();
    modeler = new Modeler(system.url);
  });
  after(() => system.stop());

  it('checks the connection, asks for the version and for the web applications', async () => {
    const connection = await modeler.checkConnection();
    assert.deepEqual([connection.status, connection.body], [200, []]);
    assert.equal(connection.headers['access-control-allow-origin'], 'file://');
    assert.deepEqual((await modeler.version()).body, { version: '7.24.0' });
    const { status, body } = await modeler.ask('GET', '/.well-known/camunda-automation-platform/webapps');
    assert.equal(status, 200);
    for (const name of ['adminUrl', 'cockpitUrl', 'tasklistUrl']) assert.equal(body[name], `${system.url}/`);
  });

  it('may ask beforehand whether it may send', async () => {
    const answer = await fetch(`${system.url}/engine-rest/process-definition/1/start`, {
      method: 'OPTIONS',
      headers: {
        origin: 'file://',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get('access-control-allow-origin'), 'file://');
    assert.match(answer.headers.get('access-control-allow-headers') ?? '', /authorization/i);
  });

  it('deploys a diagram with its attachments, and starts what it has deployed', async () => {
    const files: File[] = [
      [NAME, TRANSFER],
      ['limit.dmn', LIMIT],
      ['approve.form', '{"id":"approve","type":"default","components":[]}'],
      ['logo.png', '\u0089PNG\0'],
    ];
    const deployed = await modeler.deploy('transfer', files);
    assert.equal(deployed.status, 200, JSON.stringify(deployed.body));
    const definition = firstOf(deployed);
    assert.match(definition.id, /^transfer:1:\d+$/);
    assert.equal(definition.resource, NAME);
    const resources = await system.get<{ name: string }[]>(`/engine-rest/deployment/${deployed.body['id']}/resources`);
    assert.deepEqual(resources.map(({ name }) => name).sort(), files.map(([name]) => name).sort());

    const started = await modeler.start(definition, 'default', { amount: { value: 5, type: 'Long' } });
    assert.equal(started.status, 200);
    const { id, definitionId, businessKey } = started.body;
    assert.deepEqual([definitionId, businessKey], [definition.id, 'default']);
    const [task] = await system.get<{ taskDefinitionKey: string }[]>(`/engine-rest/task?processInstanceId=${id}`);
    assert.equal(task?.taskDefinitionKey, 'Approve');
    assert.equal((await modeler.start(definition)).status, 200);

    const again = await modeler.deploy('transfer', files);
    assert.deepEqual([again.status, again.body['deployedProcessDefinitions']], [200, null]);
  });

  it('deploys for a tenant', async () => {
    const definition = firstOf(
      await modeler.deploy(
        'transfer',
        [
          [NAME, TRANSFER],
          ['limit.dmn', LIMIT],
        ],
        'north',
      ),
    );
    assert.equal(definition.tenantId, 'north');
    assert.equal((await modeler.start(definition)).body['tenantId'], 'north');
  });

  it('is told what is wrong with a diagram, in the words that it looks for', async () => {
    for (const content of [BROKEN, '<bpmn', '']) {
      const { status, body } = await modeler.deploy('broken', [['broken.bpmn', content]]);
      assert.equal(status, 400, content.slice(0, 20));
      assert.match(String(body['message']), /^ENGINE-09005 Could not parse BPMN process\. Errors: /);
      const { errors } = (body['details'] as unknown as Record<string, { errors: object[] }>)['broken.bpmn'] ?? {};
      assert.ok((errors?.length ?? 0) > 0);
    }
    const gone = await modeler.start({ id: 'transfer:9:999999' });
    assert.equal(gone.status, 500);
    assert.match(String(gone.body['message']), /no deployed process definition found with id 'transfer:9:999999'/);
  });

  it('may send because of what only a desktop program can say: a file that a browser has opened may not', async () => {
    for (const origin of ['null', 'file://evil', 'file:///tmp/x.html', 'app://x', 'https://evil.example']) {
      const answer = await fetch(`${system.url}/engine-rest/signal`, {
        method: 'POST',
        headers: { origin, 'content-type': 'application/json' },
        body: '{"name":"x"}',
      });
      assert.equal(answer.status, 403, origin);
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
    }
  });
});

describe('Camunda Modeler, with authentication', () => {
  it('is refused without, and deploys and starts with a password or an access token', async (t) => {
    let admin = '';
    const system = await startSystem({ authentication: 'required', authorization: () => admin });
    t.after(() => system.stop());
    admin = `Bearer ${system.kernel.identity.access.setupToken()}`;
    await system.kernel.ready;
    const password = 'correct horse battery';
    const operations = [
      { do: 'addUser', name: 'root', roles: ['administrator'], password },
      { do: 'createToken', label: 'modeler', user: 'root' },
    ];
    const { secrets } = await system.post<{ secrets: string[] }>('/api/identity-changes', { operations });
    const byToken = new Modeler(system.url, `Bearer ${secrets[0]}`);
    for (let turn = 0; turn < 1_000 && (await byToken.checkConnection()).status !== 200; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    const byPassword = new Modeler(system.url, `Basic ${Buffer.from(`root:${password}`).toString('base64')}`);
    for (const modeler of [byToken, byPassword]) {
      assert.equal((await modeler.version()).status, 200);
      const deployed = await modeler.deploy(`transfer ${modeler === byToken}`, [
        [NAME, TRANSFER],
        ['limit.dmn', LIMIT],
      ]);
      assert.equal(deployed.status, 200, JSON.stringify(deployed.body));
    }
    const { body } = await byToken.ask('GET', '/engine-rest/process-definition?key=transfer&latestVersion=true');
    const [definition] = body as unknown as [{ id: string }];
    assert.equal((await byPassword.start(definition)).status, 200);
    const stranger = new Modeler(system.url, `Basic ${Buffer.from('root:wrong').toString('base64')}`);
    assert.equal((await stranger.checkConnection()).status, 401);
    assert.equal((await new Modeler(system.url).deploy('x', [[NAME, TRANSFER]])).status, 401);
  });
});
