/** Payloads that are too much, over real HTTP to a real kernel: refused before they are read whole, and nothing of them stays. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseJson } from './safe-json.ts';
import { bpmn, type System, startSystem } from './testing/real-kernel.test.ts';

const WAITING = bpmn('waiting', '<bpmn:startEvent id="start" /><bpmn:userTask id="wait" />', ['start->wait']);
const START = '/engine-rest/process-definition/key/waiting/start';
const MB = 2 ** 20;

async function setUp(t: TestContext): Promise<System & { send(body: string): Promise<Response> }> {
  const system = await startSystem();
  t.after(() => system.stop());
  await system.deploy({ 'waiting.bpmn': WAITING });
  const headers = { 'content-type': 'application/json' };
  return { ...system, send: (body) => fetch(system.url + START, { method: 'POST', headers, body }) };
}

const started = ({ kernel }: System): number =>
  kernel.engine.count('processInstances', { where: [{ column: 'bpmnProcessId', op: '=', value: 'waiting' }] });

/** Writes what `parts` gives until the server answers; gives the answer and how many bytes went out. */
function pour(
  url: string,
  head: string,
  parts: () => string,
): Promise<{ readonly answer: string; readonly sent: number }> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    let sent = 0;
    let over = false;
    const end = (): void => {
      over = true;
      resolve({ answer, sent });
    };
    socket.on('data', (chunk) => {
      answer += chunk;
      socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', end);
    socket.write(head);
    const more = async (): Promise<void> => {
      while (!over) {
        const part = parts();
        sent += part.length;
        if (!socket.write(part)) await new Promise<void>((go) => socket.once('drain', go).once('close', go));
        await sleep(0);
      }
    };
    void more();
  });
}

it('a body that says that it is a gigabyte is refused at its first bytes', async (t) => {
  const system = await setUp(t);
  const head = `POST ${START} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${1024 * MB}\r\n\r\n`;
  const { answer, sent } = await pour(system.url, head, () => 'x'.repeat(65_536));
  assert.match(answer, /^HTTP\/1\.1 413 /);
  assert.ok(sent < 8 * MB, `${sent} bytes were taken`);
});

it('a body that does not say how long it is is refused when it is longer than 4 MB', async (t) => {
  const system = await setUp(t);
  const head = `POST ${START} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
  const { answer, sent } = await pour(system.url, head, () => chunk);
  assert.match(answer, /^HTTP\/1\.1 413 /);
  assert.ok(sent > 4 * MB && sent < 16 * MB, `${sent} bytes were taken`);
});

it('nesting a million deep, a million members and an endless string are refused before they are parsed', () => {
  const deep = 1_000_000;
  assert.throws(() => parseJson('['.repeat(deep)), { name: 'JsonRefusal', status: 422, message: /deeper than 64/ });
  assert.throws(() => parseJson(`${'{"a":'.repeat(deep)}1`), { status: 422, message: /deeper than 64/ });
  const members = Array.from({ length: deep }, (_, at) => `"k${at}":0`).join();
  assert.throws(() => parseJson(`{${members}}`), { status: 422, message: /more than 100000 members/ });
  assert.throws(() => parseJson(`[${'{},'.repeat(deep)}{}]`), { status: 422, message: /more than 100000 .*objects/ });
  assert.throws(() => parseJson(`[${'[],'.repeat(deep)}[]]`), { status: 422, message: /more than 250000 lists/ });
  assert.throws(() => parseJson(`"${'x'.repeat(deep)}`), { status: 400 });
  const marks = JSON.stringify({ a: '[["{:\\', b: [{ c: ':"' }] });
  assert.equal(JSON.stringify(parseJson(marks)), marks);
  const widest = `[${'[],'.repeat(200_000)}[]]`;
  assert.equal((parseJson(widest) as unknown[]).length, 200_001);
  assert.doesNotThrow(() => parseJson(`${'['.repeat(64)}${']'.repeat(64)}`));
  assert.throws(() => parseJson(`${'['.repeat(65)}${']'.repeat(65)}`), { status: 422 });
});

it('on the wire they are 422 on both faces, and nothing is started', async (t) => {
  const system = await setUp(t);
  const deep = `{"variables":${'{"a":'.repeat(500_000)}`;
  assert.equal((await system.send(deep)).status, 422);
  const json = { type: 'Json', value: `${'['.repeat(70)}${']'.repeat(70)}` };
  assert.equal((await system.send(JSON.stringify({ variables: { json } }))).status, 422);
  const own = await fetch(`${system.url}/api/requests`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: deep,
  });
  assert.deepEqual([own.status, ((await own.json()) as { code: string }).code], [422, 'TOO_COMPLEX']);
  assert.equal(started(system), 0);
});

it('fifty bodies of 3 MB at once are taken or refused, each whole or not at all, and every record can be read', async (t) => {
  const system = await setUp(t);
  const variables = Object.fromEntries(
    [1, 2, 3].map((n) => [`v${n}`, { type: 'String', value: 'x'.repeat(MB - 100) }]),
  );
  const body = JSON.stringify({ variables });
  const answers = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const response = await system.send(body);
      await response.arrayBuffer();
      return [response.status, response.headers.get('retry-after')] as const;
    }),
  );
  const taken = answers.filter(([status]) => status === 200).length;
  for (const [status, retryAfter] of answers)
    assert.ok(status === 200 || (status === 503 && retryAfter !== null), `${status}`);
  assert.ok(taken >= 16, `${taken} were taken`);
  assert.equal(started(system), taken);
  for (const record of system.kernel.engine.records(0, 10_000)) assert.doesNotThrow(() => JSON.stringify(record));
});
