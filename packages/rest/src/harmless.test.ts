/** What people store and deploy must not run on the origin of the console with the rights of who opens it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bpmn, type System, startSystem } from './testing/real-kernel.test.ts';

const MODEL = bpmn('keeps', '<bpmn:startEvent id="start" /><bpmn:userTask id="wait" />', ['start->wait']);
const SCRIPTS = [
  'text/javascript',
  'application/x-javascript',
  'application/ecmascript',
  'text/jscript',
  'Text/LiveScript',
];

describe('files of others in a browser', () => {
  let system: System;
  let pid = '';
  let task = '';
  before(async () => {
    system = await startSystem();
    await system.kernel.ready;
    await system.deploy({ 'keeps.bpmn': MODEL });
    pid = (await system.post<{ id: string }>('/engine-rest/process-definition/key/keeps/start')).id;
    task = (await system.get<{ id: string }[]>(`/engine-rest/task?processInstanceId=${pid}`))[0]?.id ?? '';
  });
  after(() => system.stop());

  async function typeOf(path: string): Promise<string> {
    const response = await fetch(system.url + path);
    assert.equal(response.status, 200, path);
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff', path);
    assert.match(response.headers.get('content-disposition') ?? '', /^attachment/, path);
    await response.arrayBuffer();
    return response.headers.get('content-type') ?? '';
  }

  it('a file has the type that it was given, unless a page could run it', async () => {
    for (const mimeType of ['text/csv', ...SCRIPTS]) {
      const expected = mimeType === 'text/csv' ? mimeType : 'application/octet-stream';
      const form = (name: string) => {
        const data = new FormData();
        data.append(name, new Blob(['alert(1)'], { type: mimeType }), 'x.js');
        return data;
      };
      const put = form('data');
      put.append('valueType', 'File');
      const variable = `/engine-rest/process-instance/${pid}/variables/file/data`;
      assert.equal((await fetch(system.url + variable, { method: 'POST', body: put })).status, 204);
      assert.equal(await typeOf(variable), expected);
      assert.equal(await typeOf(`/api/processes/${pid}/variables/file/data`), expected);
      const attachments = `/engine-rest/task/${task}/attachment`;
      const made = await fetch(`${system.url}${attachments}/create`, { method: 'POST', body: form('content') });
      const { id } = (await made.json()) as { id: string };
      assert.equal(await typeOf(`${attachments}/${id}/data`), expected);
    }
  });

  it('a model is XML, in which a script could stand: it is shown, of no origin', async () => {
    const { items } = await system.post<{ items: { processDefinitionKey: string }[] }>(
      '/v2/process-definitions/search',
      { filter: { processDefinitionId: 'keeps' } },
    );
    const key = items[0]?.processDefinitionKey;
    for (const path of [`/v2/process-definitions/${key}/xml`, `/api/definitions/${key}/xml`]) {
      const response = await fetch(system.url + path);
      assert.equal(await response.text(), MODEL, path);
      assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'.*sandbox/, path);
    }
  });
});
