/** Values that are too large for a record, over real HTTP to a real kernel: up and down as bytes, on both faces, and what others see of them. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { bpmn, type System, startSystem } from './testing/real-kernel.test.ts';

const MB = 2 ** 20;
const HOLDS = bpmn(
  'holds',
  `<bpmn:startEvent id="start" /><bpmn:serviceTask id="work" camunda:type="external" camunda:topic="work" />
   <bpmn:userTask id="wait" /><bpmn:endEvent id="end" />`,
  ['start->work', 'work->wait', 'wait->end'],
);
/** Reads what an expression may see, then, where `doc` is the large one, what it may not. */
const READS = bpmn(
  'reads',
  `<bpmn:startEvent id="start" />
   <bpmn:serviceTask id="look" camunda:expression="\${doc.size}, \${doc.name}, \${doc.type}" camunda:resultVariable="seen" />
   <bpmn:serviceTask id="work" camunda:type="external" camunda:topic="mapped"><bpmn:extensionElements><camunda:inputOutput>
     <camunda:inputParameter name="mine">\${doc}</camunda:inputParameter>
     <camunda:inputParameter name="list"><camunda:list><camunda:value>\${doc}</camunda:value></camunda:list></camunda:inputParameter>
   </camunda:inputOutput></bpmn:extensionElements></bpmn:serviceTask>
   <bpmn:serviceTask id="wrong" camunda:expression="\${doc.concat('x')}" /><bpmn:endEvent id="end" />`,
  ['start->look', 'look->work', 'work->wrong', 'wrong->end'],
);

interface Variable {
  readonly type: string;
  readonly value: unknown;
  readonly valueInfo: Readonly<Record<string, unknown>>;
}

async function setUp(t: TestContext) {
  const system = await startSystem();
  t.after(() => system.stop());
  await system.deploy({ 'holds.bpmn': HOLDS, 'reads.bpmn': READS });
  const start = async (variables: object = {}): Promise<string> =>
    (await system.post<{ id: string }>('/engine-rest/process-definition/key/holds/start', { variables })).id;
  return { system, start };
}

const nameOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function upload(
  { url }: System,
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  fields: Record<string, string> = {},
) {
  const form = new FormData();
  form.set('data', new Blob([bytes], { type: 'application/pdf' }), 'Übersicht.pdf');
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return fetch(`${url}/engine-rest${path}`, { method: 'POST', body: form });
}

async function bytesAt({ url }: System, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(url + path, { headers });
  return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
}

const same = (left: Uint8Array, right: Uint8Array): boolean => Buffer.from(left).equals(right);

describe('the Camunda 7 face', () => {
  it('takes a file of 10 MB in a form and gives it back, whole and in part, while it runs and from the history', async (t) => {
    const { system, start } = await setUp(t);
    const id = await start();
    const bytes = Uint8Array.from(randomBytes(10 * MB + 77));
    const path = `/process-instance/${id}/variables/doc`;
    const uploaded = await upload(system, `${path}/data`, bytes, { valueType: 'File' });
    assert.equal(uploaded.status, 204, await uploaded.text());
    const variable = await system.get<Variable>(`/engine-rest${path}`);
    const about = { blob: nameOf(bytes), size: bytes.length, mimeType: 'application/pdf', filename: 'Übersicht.pdf' };
    assert.deepEqual(variable, { type: 'File', value: null, valueInfo: about });

    const { response, bytes: got } = await bytesAt(system, `/engine-rest${path}/data`);
    assert.ok(same(got, bytes));
    assert.equal(response.headers.get('content-length'), String(bytes.length));
    assert.equal(response.headers.get('content-type'), 'application/pdf');
    assert.match(response.headers.get('content-disposition') ?? '', /^attachment; .*%C3%9Cbersicht\.pdf$/);
    const etag = response.headers.get('etag') ?? '';
    assert.equal((await bytesAt(system, `/engine-rest${path}/data`, { 'if-none-match': etag })).response.status, 304);
    for (const [range, from, to] of [
      ['bytes=0-0', 0, 1],
      ['bytes=262143-262144', 262_143, 262_145],
      ['bytes=10485760-', 10 * MB, bytes.length],
      ['bytes=-5', bytes.length - 5, bytes.length],
    ] as const) {
      const part = await bytesAt(system, `/engine-rest${path}/data`, { range });
      assert.equal(part.response.status, 206);
      assert.equal(part.response.headers.get('content-range'), `bytes ${from}-${to - 1}/${bytes.length}`);
      assert.ok(same(part.bytes, bytes.subarray(from, to)), range);
    }
    const beyond = await bytesAt(system, `/engine-rest${path}/data`, { range: `bytes=${bytes.length}-` });
    assert.deepEqual(
      [beyond.response.status, beyond.response.headers.get('content-range')],
      [416, `bytes */${bytes.length}`],
    );
    const stale = await bytesAt(system, `/engine-rest${path}/data`, { range: 'bytes=0-0', 'if-range': '"other"' });
    assert.deepEqual([stale.response.status, stale.bytes.length], [200, bytes.length]);

    const [row] = await system.get<{ id: string }[]>(
      `/engine-rest/variable-instance?processInstanceIdIn=${id}&variableName=doc`,
    );
    assert.ok(same((await bytesAt(system, `/engine-rest/variable-instance/${row?.id}/data`)).bytes, bytes));
    const ended = await fetch(`${system.url}/engine-rest/process-instance/${id}`, { method: 'DELETE' });
    assert.equal(ended.status, 204);
    const [past] = await system.get<{ id: string }[]>(
      `/engine-rest/history/variable-instance?processInstanceId=${id}&variableName=doc`,
    );
    assert.ok(same((await bytesAt(system, `/engine-rest/history/variable-instance/${past?.id}/data`)).bytes, bytes));
    assert.ok(same((await bytesAt(system, `/api/processes/${id}/variables/doc/data`)).bytes, bytes));
  });

  it('keeps text and JSON of more than 1 MB out of line that came in a body, and shows a reference', async (t) => {
    const { system, start } = await setUp(t);
    const text = 'ä'.repeat(MB);
    const list = Array.from({ length: 20_000 }, (_, at) => ({ at, name: `item ${at}`.padEnd(80, '.') }));
    const id = await start({
      text: { type: 'String', value: text },
      small: { type: 'String', value: 'x'.repeat(MB - 10) },
    });
    await system.post(`/engine-rest/process-instance/${id}/variables`, {
      modifications: { list: { type: 'Json', value: JSON.stringify(list) } },
    });
    const {
      text: shown,
      list: listed,
      small,
    } = await system.get<Record<string, Variable>>(`/engine-rest/process-instance/${id}/variables`);
    assert.deepEqual(shown?.type, 'String');
    assert.deepEqual([shown?.value, listed?.value], [null, null]);
    assert.equal(shown?.valueInfo['size'], 2 * MB);
    assert.equal(String(small?.value).length, MB - 10);
    const data = (name: string) => bytesAt(system, `/engine-rest/process-instance/${id}/variables/${name}/data`);
    const got = await data('text');
    assert.equal(Buffer.from(got.bytes).toString(), text);
    assert.equal(got.response.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.deepEqual(JSON.parse(Buffer.from((await data('list')).bytes).toString()), list);
    for (const record of system.kernel.engine.records(0, 10_000))
      assert.ok(JSON.stringify(record).length < 3 * MB, 'the content is in a record');
  });

  it('shows a worker the reference, which it may give on; a name that is not here is refused', async (t) => {
    const { system, start } = await setUp(t);
    const id = await start();
    const bytes = Uint8Array.from(randomBytes(2 * MB));
    await upload(system, `/process-instance/${id}/variables/doc/data`, bytes, { valueType: 'File' });
    const [task] = await system.post<{ id: string; variables: Record<string, Variable> }[]>(
      '/engine-rest/external-task/fetchAndLock',
      { workerId: 'w', maxTasks: 1, topics: [{ topicName: 'work', lockDuration: 60_000 }] },
    );
    const { doc } = task?.variables ?? {};
    assert.equal(doc?.valueInfo['blob'], nameOf(bytes));
    const complete = (variables: object) =>
      fetch(`${system.url}/engine-rest/external-task/${task?.id}/complete`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ workerId: 'w', variables }),
      });
    const unknown = `sha256:${'0'.repeat(64)}`;
    const refused = await complete({ copy: { type: 'Bytes', value: null, valueInfo: { blob: unknown } } });
    assert.equal(refused.status, 400);
    assert.match(await refused.text(), /variable 'copy' names sha256:0+, which is not here/);
    const odd = await complete({ copy: { type: 'Integer', value: null, valueInfo: { blob: unknown } } });
    assert.equal(odd.status, 400);
    assert.equal(
      (await complete({ copy: doc, docs: { type: 'Json', value: JSON.stringify([{ blob: nameOf(bytes), size: 1 }]) } }))
        .status,
      204,
    );
    const copy = await system.get<Variable>(`/engine-rest/process-instance/${id}/variables/copy`);
    assert.deepEqual(copy, { type: 'File', value: null, valueInfo: doc?.valueInfo });
    assert.ok(same((await bytesAt(system, `/engine-rest/process-instance/${id}/variables/copy/data`)).bytes, bytes));
  });

  it('says 413 and the setting to a file that is too large, before it is read or as soon as it is', async (t) => {
    const { system, start } = await setUp(t);
    const id = await start();
    const { mostBytes } = system.kernel.engine.largeValues;
    const head = (length: string) =>
      `PUT /api/processes/${id}/variables/doc/data HTTP/1.1\r\nHost: localhost\r\nContent-Type: a/b\r\n${length}\r\n\r\n`;
    const said = await talk(system.url, head(`Content-Length: ${mostBytes + 100_000}`), 0);
    assert.match(said, /^HTTP\/1\.1 413 [\s\S]*limit-large-value/);
    const chunk = `100000\r\n${'x'.repeat(MB)}\r\n`;
    const poured = await talk(system.url, head('Transfer-Encoding: chunked'), mostBytes / MB + 1, chunk);
    assert.match(poured, /^HTTP\/1\.1 413 [\s\S]*limit-large-value/);
    const variables = await system.get<Record<string, Variable>>(`/engine-rest/process-instance/${id}/variables`);
    assert.deepEqual(Object.keys(variables), []);
  });

  it('an upload that is refused while its bytes still come ends the connection, not the server', async (t) => {
    const { system } = await setUp(t);
    const { mostBytes } = system.kernel.engine.largeValues;
    const head = `POST /api/blobs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunk = `100000\r\n${'x'.repeat(MB)}\r\n`;
    const poured = await talk(system.url, head, mostBytes / MB + 1, chunk);
    assert.match(poured, /^HTTP\/1\.1 413 [\s\S]*limit-large-value/);
    assert.equal((await fetch(`${system.url}/api/system`)).status, 200);
  });
});

it('a list of more values than can be held at once is refused on every face, of what runs and of what is over; its pages are told', async (t) => {
  const { system } = await setUp(t);
  const { engine } = system.kernel;
  const value = 'x'.repeat(1_000_000);
  const variables = Object.fromEntries(
    Array.from({ length: 7 }, (_, at) => [`v${at}`, { type: 'String', value } as const]),
  );
  const ids: number[] = [];
  for (let at = 0; at < 10; at += 1) {
    const definition = { bpmnProcessId: 'holds' };
    const by = { kind: 'user', id: 'u' } as const;
    const outcome = await engine.submit(
      { type: 'createProcessInstance', definition, variables, businessKey: null },
      by,
    );
    assert.ok(outcome.ok);
    ids.push(outcome.value.processInstanceId);
  }
  const told = async (path: string, about?: object) => {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(about) };
    const response = await fetch(system.url + path, about === undefined ? {} : post);
    return [response.status, (await response.text()).slice(0, 1_000)] as const;
  };
  const refused = async (status: number, path: string, about?: object) => {
    const [got, text] = await told(path, about);
    assert.deepEqual([got, /more than 67108864 characters of values/.test(text)], [status, true], text);
  };
  await refused(422, '/engine-rest/variable-instance');
  await refused(422, '/engine-rest/history/variable-instance');
  await refused(422, '/engine-rest/history/detail');
  assert.equal((await told('/engine-rest/history/detail?maxResults=5&sortBy=variableName&sortOrder=asc'))[0], 200);
  await refused(400, '/v2/variables/search', { page: { limit: 1_000 } });
  assert.equal((await told(`/engine-rest/variable-instance?processInstanceIdIn=${ids[0]}`))[0], 200);
  for (const processInstanceId of ids)
    await system.kernel.engine.submit({ type: 'cancelProcessInstance', processInstanceId }, { kind: 'user', id: 'u' });
  await refused(422, '/engine-rest/history/variable-instance');
  assert.equal(
    (await told('/engine-rest/history/variable-instance?maxResults=5&sortBy=variableName&sortOrder=asc'))[0],
    200,
  );
  assert.equal((await fetch(`${system.url}/api/system`)).status, 200);
});

it('expressions see size, name and type, mappings and lists carry the reference on, and what asks for the content is an incident that says so', async (t) => {
  const { system } = await setUp(t);
  const bytes = Uint8Array.from(randomBytes(2 * MB));
  const { blob } = (await (await fetch(`${system.url}/api/blobs`, { method: 'POST', body: bytes })).json()) as {
    blob: string;
  };
  const valueInfo = { blob, filename: 'a.pdf', mimeType: 'application/pdf' };
  const { id } = await system.post<{ id: string }>('/engine-rest/process-definition/key/reads/start', {
    variables: { doc: { type: 'File', value: null, valueInfo } },
  });
  const [task] = await system.post<{ id: string; variables: Record<string, Variable> }[]>(
    '/engine-rest/external-task/fetchAndLock',
    { workerId: 'w', maxTasks: 1, topics: [{ topicName: 'mapped', lockDuration: 60_000 }] },
  );
  const { seen, mine, list } = task?.variables ?? {};
  assert.equal(seen?.value, `${2 * MB}, a.pdf, application/pdf`);
  assert.deepEqual(mine, { type: 'File', value: null, valueInfo: { ...valueInfo, size: 2 * MB } });
  assert.deepEqual(JSON.parse(String(list?.value)), [{ blob, size: 2 * MB, type: 'application/pdf', name: 'a.pdf' }]);
  await system.post(`/engine-rest/external-task/${task?.id}/complete`, { workerId: 'w' });
  const [incident] = await system.get<{ incidentMessage: string }[]>(`/engine-rest/incident?processInstanceId=${id}`);
  assert.match(
    incident?.incidentMessage ?? '',
    /'doc': a large value, of which expressions see blob, size, type and name/,
  );
});

describe('our own face', () => {
  it('takes and gives bytes as they are', async (t) => {
    const { system, start } = await setUp(t);
    const id = await start();
    const path = `/api/processes/${id}/variables/note/data`;
    const put = (query: string, body: string | Uint8Array<ArrayBuffer>) =>
      fetch(`${system.url}${path}?${query}`, { method: 'PUT', body, headers: { 'content-type': 'text/markdown' } });
    const long = 'line of text\n'.repeat(200_000);
    for (const [query, body, type] of [
      ['type=String', 'short', 'String'],
      ['type=String', long, 'String'],
      ['type=Json', '{"a":[1]}', 'Json'],
      ['filename=a.md', long, 'File'],
      ['', long, 'Bytes'],
    ] as const) {
      const answer = await put(query, body);
      assert.equal(answer.status, 204, await answer.text());
      const variable = await system.get<Variable>(`/engine-rest/process-instance/${id}/variables/note`);
      assert.equal(variable.type, type);
      assert.equal(Buffer.from((await bytesAt(system, path)).bytes).toString(), body, query);
    }
    assert.equal((await put('type=String', Uint8Array.of(0xff))).status, 400);
    assert.equal((await put('type=Json', '{')).status, 400);
    assert.equal((await put('type=Date', 'x')).status, 400);
  });

  it('an upload makes a handle that any variable may hold, also inside a list', async (t) => {
    const { system, start } = await setUp(t);
    const bytes = Uint8Array.from(randomBytes(3 * MB));
    const answer = await fetch(`${system.url}/api/blobs`, { method: 'POST', body: bytes });
    const handle = (await answer.json()) as { blob: string; size: number };
    assert.deepEqual(handle, { blob: nameOf(bytes), size: bytes.length });
    assert.ok(same((await bytesAt(system, `/api/blobs/${handle.blob}`)).bytes, bytes));
    assert.equal((await bytesAt(system, `/api/blobs/sha256:${'0'.repeat(64)}`)).response.status, 404);
    const id = await start();
    const named = { ...handle, name: 'a.bin', type: 'application/octet-stream' };
    await system.post(`/api/processes/${id}/variables`, { variables: { one: named, all: [named, named] } });
    const one = await system.get<Variable>(`/engine-rest/process-instance/${id}/variables/one`);
    assert.equal(one.type, 'File');
    assert.ok(same((await bytesAt(system, `/api/processes/${id}/variables/one/data`)).bytes, bytes));
    const detail = await system.get<{ variables: { name: string; value: unknown }[] }>(`/api/processes/${id}`);
    assert.deepEqual(detail.variables.find(({ name }) => name === 'one')?.value, named);
  });

  it('a request that is sent again with its key is known by its content', async (t) => {
    const { system, start } = await setUp(t);
    const id = await start();
    const put = (body: string) =>
      fetch(`${system.url}/api/processes/${id}/variables/a/data`, {
        method: 'PUT',
        body,
        headers: { 'idempotency-key': '"k"', 'content-type': 'a/b' },
      });
    const [first, other] = ['a'.repeat(2 * MB), 'b'.repeat(2 * MB)] as const;
    assert.equal((await put(first)).status, 204);
    const { lastSequence } = system.kernel.engine;
    assert.equal((await put(first)).status, 204);
    assert.equal(system.kernel.engine.lastSequence, lastSequence);
    assert.equal((await put(other)).status, 422);
  });
});

/** Sends a head and then a part so many times, until the server answers; gives the answer. */
function talk(url: string, head: string, times: number, part = ''): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes;
      if (/limit-large-value/.test(answer)) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    socket.write(head);
    let left = times;
    const more = (): void => {
      while (left > 0 && !socket.destroyed) {
        left -= 1;
        if (!socket.write(part)) {
          socket.once('drain', more);
          return;
        }
      }
    };
    more();
  });
}
