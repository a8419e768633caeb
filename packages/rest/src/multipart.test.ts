/** Forms over real HTTP to a real kernel: what may be in them beside their files, and that nothing is cut off or taken apart. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { it, type TestContext } from 'node:test';
import { bpmn, type System, startSystem } from './testing/real-kernel.test.ts';

const MB = 2 ** 20;
const WAITING = bpmn('waiting', '<bpmn:startEvent id="start" /><bpmn:userTask id="wait" />', ['start->wait']);

async function setUp(t: TestContext) {
  const system = await startSystem();
  t.after(() => system.stop());
  await system.deploy({ 'waiting.bpmn': WAITING });
  const { id } = await system.post<{ id: string }>('/engine-rest/process-definition/key/waiting/start', {});
  const [task] = await system.get<{ id: string }[]>(`/engine-rest/task?processInstanceId=${id}`);
  return { system, id, taskId: task?.id ?? '' };
}

interface Part {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly filename?: string;
  readonly type?: string;
}

/** Writes part by part until there is an answer, so that a form that does not say how long it is may be of any length. */
function sendForm(
  { url }: System,
  path: string,
  parts: Iterable<Part>,
): Promise<{ status: number; text: string; sent: number }> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'multipart/form-data; boundary=b', 'transfer-encoding': 'chunked' };
    const asked = request(url + path, { method: 'POST', headers });
    let sent = 0;
    let answered = false;
    asked.on('error', () => {});
    asked.on('response', async (response) => {
      answered = true;
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve({ status: response.statusCode ?? 0, text, sent });
      asked.destroy();
    });
    const write = async (): Promise<void> => {
      for (const { name, content, filename, type } of parts) {
        if (answered) return;
        const file = filename === undefined ? '' : `; filename="${filename}"`;
        const media = type === undefined ? '' : `content-type: ${type}\r\n`;
        asked.write(`--b\r\ncontent-disposition: form-data; name="${name}"${file}\r\n${media}\r\n`);
        sent += content.length;
        if (!asked.write(content)) {
          await new Promise<void>((go) =>
            asked
              .once('drain', go)
              .once('response', () => go())
              .once('close', go),
          );
        }
        asked.write('\r\n');
        await new Promise(setImmediate);
      }
      asked.end('--b--\r\n');
    };
    void write();
  });
}

it('of what an upload has besides its file 64 KB are taken, whatever it says of its length', async (t) => {
  const { system, id, taskId } = await setUp(t);
  const field = Buffer.alloc(MB, 'x');
  const many = function* (): Generator<Part> {
    for (let at = 0; at < 60; at += 1) yield { name: `f${at}`, content: field };
  };
  for (const path of [`/process-instance/${id}/variables/doc/data`, `/task/${taskId}/attachment/create`]) {
    const { status, text, sent } = await sendForm(system, `/engine-rest${path}`, many());
    assert.equal(status, 413, text);
    assert.match(text, /besides its file .* 65536 bytes/);
    assert.ok(sent < 16 * MB, `${sent} bytes were taken`);
  }
});

it('content without the name of a file is taken whole', async (t) => {
  const { system, id } = await setUp(t);
  const path = `/engine-rest/process-instance/${id}/variables/doc/data`;
  const content = Buffer.alloc(5 * MB, 'y');
  const { status, text } = await sendForm(system, path, [
    { name: 'data', content },
    { name: 'valueType', content: 'Bytes' },
  ]);
  assert.equal(status, 204, text);
  const got = await fetch(system.url + path);
  assert.ok(Buffer.from(await got.arrayBuffer()).equals(content));
});

it('a field is text, also where it says that it is JSON', async (t) => {
  const { system } = await setUp(t);
  const deploy = (content: string | Uint8Array, type: string) =>
    sendForm(system, '/engine-rest/deployment/create', [
      { name: 'deployment-name', content, type },
      { name: 'data', content: WAITING, filename: 'waiting.bpmn', type: 'text/xml' },
    ]);
  const { status, text } = await deploy('{"a":1}', 'application/json');
  assert.equal(status, 200, text);
  assert.equal((JSON.parse(text) as { name: string }).name, '{"a":1}');
  const deep = await deploy(`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'application/json');
  assert.doesNotMatch(deep.text, /call stack/);
});

it('a form of more than 4 MB is refused with its limit, also where one field alone is that large', async (t) => {
  const { system } = await setUp(t);
  const { status, text } = await sendForm(system, '/engine-rest/deployment/create', [
    { name: 'deployment-name', content: Buffer.alloc(4 * MB + 1, 'x') },
  ]);
  assert.equal(status, 413);
  assert.match(text, /The form is larger than 4194304 bytes/);
});

it('a file that breaks off is no file: 400, and nothing is kept', async (t) => {
  const { system, id } = await setUp(t);
  const path = `/engine-rest/process-instance/${id}/variables/doc/data`;
  for (const length of [10, 2 * MB]) {
    const body = `--b\r\ncontent-disposition: form-data; name="data"; filename="a"\r\n\r\n${'x'.repeat(length)}`;
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const answer = await fetch(system.url + path, { method: 'POST', headers, body });
    assert.equal(answer.status, 400, await answer.text());
    assert.equal((await fetch(system.url + path)).status, 404);
  }
});

it('one file is taken, not two', async (t) => {
  const { system, id } = await setUp(t);
  const part = { name: 'data', content: 'x', filename: 'x' };
  const path = `/engine-rest/process-instance/${id}/variables/doc/data`;
  const { status, text } = await sendForm(system, path, [part, part]);
  assert.equal(status, 400);
  assert.match(text, /'data' is in it twice/);
});
