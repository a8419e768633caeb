/** Deploying, finding and starting definitions over the Camunda 7 face, on the real engine. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bpmn, type System, startSystem } from '../../testing/real-kernel.test.ts';

const HELLO = bpmn('hello', '<bpmn:startEvent id="Start" /><bpmn:userTask id="Greet" /><bpmn:endEvent id="End" />', [
  'Start->Greet',
  'Greet->End',
]);
const BROKEN = bpmn('broken', '<bpmn:startEvent id="Start" />', ['Start->Nowhere']);

describe('deployment and process-definition', () => {
  let system: System;
  before(async () => {
    system = await startSystem();
  });
  after(() => system.stop());

  const create = async (fields: readonly (readonly [string, string | Blob, string?])[]) => {
    const form = new FormData();
    for (const [name, value, filename] of fields) {
      if (typeof value === 'string') form.append(name, value);
      else form.append(name, value, filename);
    }
    const response = await fetch(`${system.url}/engine-rest/deployment/create`, { method: 'POST', body: form });
    return { status: response.status, body: (await response.json()) as Record<string, never> };
  };
  const get = (url: string) => system.app.inject(`/engine-rest${url}`);

  it('a connection check of Camunda Modeler succeeds', async () => {
    assert.deepEqual((await get('/deployment?maxResults=0')).json(), []);
    assert.deepEqual((await get('/version')).json(), { version: '7.24.0' });
    const webapps = await system.app.inject('/.well-known/camunda-automation-platform/webapps');
    assert.equal(webapps.statusCode, 200);
  });

  it('deploys files, answers the definitions, and filters duplicates', async () => {
    const fields = [
      ['deployment-name', 'greetings'],
      ['deployment-source', 'Camunda Modeler'],
      ['enable-duplicate-filtering', 'true'],
      ['hello.bpmn', new Blob([HELLO]), 'hello.bpmn'],
      ['data 1', new Blob(['{"id":"greet","components":[]}'], { type: 'application/octet-stream' }), 'greet.form'],
    ] as const;
    const first = await create(fields);
    assert.equal(first.status, 200);
    const { id, deployedProcessDefinitions, links, ...rest } = first.body as unknown as Deployed;
    assert.deepEqual(
      { ...rest, deploymentTime: typeof rest['deploymentTime'] },
      {
        name: 'greetings',
        source: 'Camunda Modeler',
        deploymentTime: 'string',
        tenantId: null,
        deployedCaseDefinitions: null,
        deployedDecisionDefinitions: null,
        deployedDecisionRequirementsDefinitions: null,
      },
    );
    assert.equal(links[0]?.href, `${system.url}/engine-rest/deployment/${id}`);
    const [definition] = Object.values(deployedProcessDefinitions ?? {});
    assert.match(definition?.id ?? '', /^hello:1:\d+$/);

    const second = await create(fields);
    assert.equal(second.body['deployedProcessDefinitions'], null);
    assert.equal(second.body['id'], id);

    const resources = (await get(`/deployment/${id}/resources`)).json<{ id: string; name: string }[]>();
    assert.deepEqual(
      resources.map(({ name }) => name),
      ['hello.bpmn', 'greet.form'],
    );
    const data = await get(`/deployment/${id}/resources/${resources[0]?.id}/data`);
    assert.equal(data.body, HELLO);
    assert.equal((await get(`/deployment/${id}`)).json().name, 'greetings');
    assert.deepEqual((await get('/deployment?name=greetings')).json().length, 1);
    assert.deepEqual((await get('/deployment/count?nameLike=greet%25')).json(), { count: 1 });
    assert.equal((await get('/deployment/999999')).json().message, "Deployment with id '999999' does not exist");
  });

  it('refuses a form without files, a part without a file name, and a broken model with all its problems', async () => {
    const none = await create([['deployment-name', 'x']]);
    assert.deepEqual(
      [none.status, none.body['message']],
      [400, 'No deployment resources contained in the form upload.'],
    );
    const unnamed = await create([['data', 'x']]);
    assert.equal(
      unnamed.body['message'],
      "No file name found in the deployment resource described by form parameter 'data'.",
    );
    const twice = [
      ['a', new Blob([HELLO]), 'same.bpmn'],
      ['b', new Blob([HELLO.replaceAll('hello', 'other')]), 'same.bpmn'],
    ] as const;
    const same = await create(twice);
    assert.deepEqual(
      [same.status, same.body['message']],
      [400, "Two different deployment resources are called 'same.bpmn': rename one of them."],
    );
    assert.equal((await create([twice[1], twice[1]])).status, 200);
    const broken = await create([['b', new Blob([BROKEN]), 'broken.bpmn']]);
    assert.equal(broken.status, 400);
    const error = broken.body as unknown as ParseError;
    assert.equal(error.type, 'ParseException');
    assert.match(error.message, /^ENGINE-09005 Could not parse BPMN process\. Errors: /);
    const problem = error.details['broken.bpmn']?.errors[0];
    assert.ok(problem?.['message'] && Array.isArray(problem['elementIds']) && problem['\u0435lementIds']);
  });

  it('finds definitions by id and key, with their XML', async () => {
    const definition = (await get('/process-definition/key/hello')).json();
    assert.deepEqual(Object.keys(definition).sort(), [
      'category',
      'deploymentId',
      'description',
      'diagram',
      'historyTimeToLive',
      'id',
      'key',
      'name',
      'resource',
      'startableInTasklist',
      'suspended',
      'tenantId',
      'version',
      'versionTag',
    ]);
    assert.equal((await get(`/process-definition/${definition.id}`)).json().key, 'hello');
    assert.equal((await get(`/process-definition/${definition.id}/xml`)).json().bpmn20Xml, HELLO);
    assert.equal((await get('/process-definition/key/hello/xml')).json().id, definition.id);
    assert.equal((await get('/process-definition?key=hello&latestVersion=true')).json().length, 1);
    assert.deepEqual((await get('/process-definition/count?keysIn=hello,nothing')).json(), { count: 1 });
    const missing = await get('/process-definition/key/nothing');
    assert.deepEqual(
      [missing.statusCode, missing.json()],
      [
        404,
        {
          type: 'RestException',
          message: 'No matching process definition with key: nothing and no tenant-id',
          code: 0,
        },
      ],
    );
  });

  it('starts by key and by id, with business key and variables', async () => {
    const start = (path: string, payload: object) =>
      system.app.inject({ method: 'POST', url: `/engine-rest/process-definition/${path}/start`, payload });
    const started = await start('key/hello', {
      businessKey: 'B-1',
      variables: { who: { value: 'Ada', type: 'String' } },
      withVariablesInReturn: true,
    });
    const { id, links, definitionId, ...rest } = started.json();
    assert.equal(started.statusCode, 200);
    assert.deepEqual(rest, {
      definitionKey: 'hello',
      businessKey: 'B-1',
      caseInstanceId: null,
      ended: false,
      suspended: false,
      tenantId: null,
      variables: { who: { type: 'String', value: 'Ada', valueInfo: {} } },
    });
    assert.match(links[0].href, new RegExp(`/process-instance/${id}$`));
    assert.equal((await start(definitionId, {})).statusCode, 200);
    const unknown = await start('hello:9:9999', {});
    assert.equal(unknown.statusCode, 500);
    assert.match(unknown.json().message, /^Cannot instantiate process definition hello:9:9999: /);
    assert.equal((await start('key/hello', { startInstructions: [{}] })).statusCode, 400);
    assert.equal((await start('key/hello', { variables: { a: { type: 'X', value: 1 } } })).statusCode, 400);
  });
});

interface Deployed {
  readonly id: string;
  readonly links: readonly { readonly href: string }[];
  readonly deployedProcessDefinitions: Readonly<Record<string, { readonly id: string }>> | null;
  readonly [member: string]: unknown;
}
interface ParseError {
  readonly type: string;
  readonly message: string;
  readonly details: Readonly<Record<string, { readonly errors: readonly Record<string, unknown>[] }>>;
}
