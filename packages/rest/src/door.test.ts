/** The door of a listening server: refusals come at once, in the words of the face, before the body; the rest goes on. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { it, type TestContext } from 'node:test';
import type { PaceOptions } from './refusal-pace.ts';
import { createServer, type ServerOptions } from './server.ts';
import { FakeKernel } from './testing/fake-kernel.test.ts';
import { withOrder } from './testing/order.test.ts';

const SIGNAL = '/engine-rest/signal';

/** A server whose starts wait until `release` is called. */
async function setUp(t: TestContext, admission: NonNullable<ServerOptions['admission']>, pace: PaceOptions = {}) {
  const kernel = withOrder(new FakeKernel());
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  kernel.engine.answers.broadcastSignal = () => released.then(() => ({ ok: true, value: { receivers: 0 } }));
  const app = await createServer(kernel, { admission, pace });
  t.after(() => {
    release();
    for (const connection of SLOW.splice(0)) connection.destroy();
    return app.close();
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const post = (path: string, body = '{"name":"go"}') =>
    fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  /** Sends so many and resolves when the engine has them. */
  const occupy = async (count: number): Promise<Promise<Response>[]> => {
    const sent = Array.from({ length: count }, () => post(SIGNAL));
    while (kernel.engine.submitted.length < count) await new Promise((resolve) => setTimeout(resolve, 2));
    return sent;
  };
  return { kernel, url, post, occupy, release };
}

it('what is too much is refused with Retry-After in the shape of its face, while the vital and the finishing go on', async (t) => {
  const { url, post, occupy, release, kernel } = await setUp(t, { fewest: 2, most: 2 });
  const inside = await occupy(2);
  const camunda = await post(SIGNAL);
  assert.equal(camunda.status, 503);
  assert.match(String(camunda.headers.get('retry-after')), /^[123]$/);
  assert.equal(((await camunda.json()) as { type: string }).type, 'ServiceUnavailableException');
  const own = await post('/api/requests');
  assert.deepEqual([own.status, ((await own.json()) as { code: string }).code], [503, 'OVERLOADED']);
  const camunda8 = await post('/v2/process-instances');
  assert.equal(camunda8.headers.get('content-type'), 'application/problem+json');
  const { title, status } = (await camunda8.json()) as { title: string; status: number };
  assert.deepEqual([camunda8.status, title, status], [503, 'RESOURCE_EXHAUSTED', 503]);
  assert.equal(kernel.engine.submitted.length, 2, 'nothing of it reached the engine');
  assert.equal((await fetch(`${url}/api/system`)).status, 200);
  assert.equal((await post('/engine-rest/external-task/7/complete', '{"workerId":"w"}')).status, 204);
  release();
  assert.deepEqual(
    (await Promise.all(inside)).map(({ status }) => status),
    [204, 204],
  );
  assert.equal((await post(SIGNAL)).status, 204);
});

/** A pace that holds every refused connection until the test lets time pass. */
function heldPace(): { readonly pace: PaceOptions; readonly release: () => void; readonly held: () => number } {
  let now = 0;
  let alarms: (() => void)[] = [];
  const later = (action: () => void): void => {
    alarms.push(action);
  };
  const release = (): void => {
    now += 1_000_000;
    const due = alarms;
    alarms = [];
    for (const action of due) action();
  };
  return { pace: { share: 0.5, costMs: () => 500, now: () => now, later }, release, held: () => alarms.length };
}

/** A connection that sends what it is told and counts the answers. */
function connection(url: string): {
  readonly send: (text?: string) => void;
  readonly answers: () => string[];
  readonly until: (count: number) => Promise<void>;
  /** Of the first answer, s. */
  readonly retryAfter: () => number;
  readonly closed: () => boolean;
  readonly end: () => void;
} {
  const body = '{"name":"go"}';
  const request = `POST ${SIGNAL} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let got = '';
  let closed = false;
  socket.on('data', (chunk) => {
    got += chunk;
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
  });
  const answers = (): string[] => [...got.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status ?? '');
  return {
    send: (text = request) => socket.write(text),
    answers,
    until: async (count) => {
      while (answers().length < count) await new Promise((resolve) => setTimeout(resolve, 2));
    },
    retryAfter: () => Number(/retry-after: (\d+)/i.exec(got)?.[1]),
    closed: () => closed,
    end: () => socket.destroy(),
  };
}

it('whoever asks again at once is not read before the turn comes; nothing is lost, and others are served meanwhile', async (t) => {
  const { pace, release: pass } = heldPace();
  const { url, post, occupy, release, kernel } = await setUp(t, { fewest: 1, most: 1 }, pace);
  const inside = await occupy(1);
  const eager = Array.from({ length: 5 }, () => connection(url));
  for (const client of eager) client.send();
  await Promise.all(eager.map((client) => client.until(1)));
  for (const client of eager) client.send();
  // So many turns of the event loop later they still wait, and a client of its own is refused at once.
  for (let n = 0; n < 20; n += 1) assert.equal((await fetch(`${url}/api/system`)).status, 200);
  assert.equal((await post(SIGNAL)).status, 503);
  assert.deepEqual(
    eager.map((client) => client.answers()),
    eager.map(() => ['503']),
  );
  release();
  await Promise.all(inside);
  assert.equal(kernel.engine.submitted.length, 1);
  pass();
  await Promise.all(eager.map((client) => client.until(2)));
  // There is room for one at a time: each is answered once, and what was let in has reached the engine.
  const seconds = eager.map((client) => client.answers()[1]);
  assert.equal(kernel.engine.submitted.length - 1, seconds.filter((status) => status === '204').length);
  assert.ok(seconds.includes('204'));
  for (const client of eager) {
    assert.equal(client.answers().length, 2);
    assert.equal(client.closed(), false);
    client.end();
  }
});

it('the Retry-After of a refusal is not over before its connection is read again', async (t) => {
  const { pace } = heldPace();
  const { url, occupy } = await setUp(t, { fewest: 1, most: 1 }, { ...pace, costMs: () => 50, share: 0.1 });
  await occupy(1);
  const asked: number[] = [];
  for (let n = 0; n < 6; n += 1) {
    const client = connection(url);
    client.send();
    await client.until(1);
    asked.push(client.retryAfter());
    client.end();
  }
  // Half a second more each time.
  for (const [n, seconds] of asked.entries()) {
    const least = Math.ceil((n + 1) / 2);
    assert.ok(seconds >= least && seconds <= least + 2, asked.join());
  }
});

it('of many that ask again and again each request has one answer, in its order, and what was let in is what the engine got', async (t) => {
  const pace = { share: 0.5, costMs: () => 1 };
  const { url, kernel, release } = await setUp(t, { fewest: 4, most: 4 }, pace);
  release();
  const [CLIENTS, ROUNDS, AT_ONCE] = [60, 6, 3];
  kernel.engine.answers.broadcastSignal = async () => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return { ok: true, value: { receivers: 0 } };
  };
  const clients = Array.from({ length: CLIENTS }, () => connection(url));
  await Promise.all(
    clients.map(async (client) => {
      for (let round = 1; round <= ROUNDS; round += 1) {
        for (let n = 0; n < AT_ONCE; n += 1) client.send();
        await client.until(round * AT_ONCE);
      }
    }),
  );
  const answers = clients.flatMap((client) => client.answers());
  const count = (status: string): number => answers.filter((each) => each === status).length;
  assert.equal(count('204') + count('503'), CLIENTS * ROUNDS * AT_ONCE);
  assert.ok(count('503') > 0 && count('204') > 0);
  assert.equal(kernel.engine.submitted.length, count('204'));
  for (const client of clients) {
    assert.equal(client.closed(), false);
    client.end();
  }
});

it('a refused body that is still on its way is read to its end, whatever the pace', async (t) => {
  const { pace, release: pass, held } = heldPace();
  const { url, occupy } = await setUp(t, { fewest: 1, most: 1 }, pace);
  await occupy(1);
  const client = connection(url);
  const body = 'x'.repeat(200_000);
  client.send(
    `POST ${SIGNAL} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 100)}`,
  );
  await client.until(1);
  client.send(body.slice(100));
  while (held() === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  client.send();
  pass();
  await client.until(2);
  assert.deepEqual(client.answers(), ['503', '503']);
  client.end();
});

it('a held connection whose client has gone is let go, and the server closes without waiting for it', async (t) => {
  const { pace, release: pass } = heldPace();
  const { url, occupy, post, release } = await setUp(t, { fewest: 1, most: 1 }, pace);
  const inside = await occupy(1);
  const [gone, stays] = [connection(url), connection(url)];
  gone.send();
  stays.send();
  await Promise.all([gone.until(1), stays.until(1)]);
  gone.end();
  pass();
  release();
  await Promise.all(inside);
  assert.equal((await post(SIGNAL)).status, 204);
  stays.end();
});

it('a client that asks before it sends its body is refused before it has sent it', async (t) => {
  const { url, occupy } = await setUp(t, { fewest: 1, most: 1 });
  await occupy(1);
  const head = `POST ${SIGNAL} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4000000\r\nExpect: 100-continue\r\n\r\n`;
  assert.match(await say(url, head), /^HTTP\/1\.1 503 /);
});

it('a client that asks before it sends its body, and is welcome, is told so and answered', async (t) => {
  const { url, release } = await setUp(t, {});
  release();
  const body = '{"name":"go"}';
  const head = `POST ${SIGNAL} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n`;
  const text = await say(url, head, (got) => (got.startsWith('HTTP/1.1 100 ') ? body : undefined));
  assert.match(text, /^HTTP\/1\.1 100 [\s\S]*HTTP\/1\.1 204 /);
});

it('of large answers that nobody reads so much is held, then the oldest is cut off; whoever reads is answered whole', async () => {
  const kernel = withOrder(new FakeKernel());
  const unreadBytes = 40 * 2 ** 20;
  const app = await createServer(kernel, { unreadBytes });
  const value = 'x'.repeat(16 * 2 ** 20);
  kernel.engine.answers.broadcastSignal = () => ({
    ok: false,
    rejection: { code: 'INVALID_ARGUMENT', message: value },
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const slow = [1, 2, 3].map(() => connect(Number(new URL(url).port), '127.0.0.1').pause());
  const body = '{"name":"go"}';
  const head = `POST ${SIGNAL} HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\n`;
  const bytes: number[] = [];
  for (const socket of slow) {
    socket.on('error', () => {});
    socket.write(`${head}content-length: ${body.length}\r\n\r\n${body}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const answer = await fetch(url + SIGNAL, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const served = (await answer.text()).length;
  for (const socket of slow) {
    let size = 0;
    socket.on('data', (data) => {
      size += data.length;
    });
    const over = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 700))]);
    bytes.push(size);
    socket.destroy();
  }
  await app.close();
  assert.ok(served > 16 * 2 ** 20);
  assert.deepEqual(
    bytes.map((size) => size > 16 * 2 ** 20),
    [false, false, true],
  );
});

const SLOW: Socket[] = [];

/** So many connections that have sent `head` and a byte of its body. */
async function sendSlowly(url: string, count: number, head: string) {
  const { port } = new URL(url);
  const connections = Array.from({ length: count }, () => connect(Number(port), '127.0.0.1'));
  SLOW.push(...connections);
  await Promise.all(connections.map((one) => new Promise((resolve) => one.once('connect', resolve))));
  for (const connection of connections)
    connection.write(`POST ${SIGNAL} HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\n${head}`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  return connections;
}

it('whoever sends a body slowly keeps nobody out, neither of the places nor of the room for bodies, and is answered in the end', async (t) => {
  const { post, url, release } = await setUp(t, { fewest: 4, most: 8 });
  release();
  await sendSlowly(url, 8, 'content-length: 1000\r\n\r\n{');
  assert.equal((await post(SIGNAL)).status, 204, 'places');
  await sendSlowly(url, 8, 'transfer-encoding: chunked\r\n\r\n1\r\n{\r\n');
  await sendSlowly(url, 8, 'transfer-encoding: chunked\r\n\r\n1\r\n{\r\n');
  const [one] = await sendSlowly(url, 8, 'content-length: 4000000\r\n\r\n{');
  assert.equal((await post(SIGNAL)).status, 204, 'room for bodies');
  const answer = new Promise((resolve) => one?.once('data', (data) => resolve(String(data).split('\r\n')[0])));
  one?.write(`"name":"go"}`.padEnd(3_999_999));
  assert.equal(await answer, 'HTTP/1.1 204 No Content');
});

it('what has come of bodies that are on their way counts: when there is no room for more of it, they are refused', async (t) => {
  const { post, url, release } = await setUp(t, { bytes: 4_000_000 });
  release();
  const slow = await sendSlowly(url, 10, 'content-length: 3000000\r\n\r\n{');
  const answers = slow.map(
    (one) =>
      new Promise<string>((resolve) => {
        let text = '';
        one.on('data', (data) => {
          text += data;
        });
        one.on('error', () => {});
        one.on('close', () => resolve(text));
      }),
  );
  for (const one of slow) one.write('x'.repeat(2_000_000));
  const [first = ''] = await Promise.all([Promise.race(answers)]);
  assert.match(first, /^HTTP\/1\.1 503 [\s\S]*retry-after: /i);
  assert.equal((await post(SIGNAL)).status, 204);
});

it('whoever waits for tasks does not count as under way', async (t) => {
  const { post, kernel } = await setUp(t, { fewest: 1, most: 1 });
  const topics = [{ topicName: 'none', lockDuration: 1_000 }];
  const poll = JSON.stringify({ workerId: 'w', maxTasks: 1, asyncResponseTimeout: 500, topics });
  kernel.engine.answers.fetchAndLock = () => ({ ok: true, value: { tasks: [] } });
  const polls = [
    post('/engine-rest/external-task/fetchAndLock', poll),
    post('/engine-rest/external-task/fetchAndLock', poll),
  ];
  while (kernel.engine.submitted.length < 2) await new Promise((resolve) => setTimeout(resolve, 2));
  kernel.engine.answers.broadcastSignal = () => ({ ok: true, value: { receivers: 0 } });
  assert.equal((await post(SIGNAL)).status, 204);
  assert.deepEqual(
    (await Promise.all(polls)).map(({ status }) => status),
    [200, 200],
  );
});

/** Writes raw bytes and reads until the server has answered with a final status or closed; `more`: what to send next. */
function say(url: string, head: string, more: (got: string) => string | undefined = () => undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let got = '';
    let answered = false;
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      got += chunk;
      const next = answered ? undefined : more(got);
      if (next !== undefined) {
        answered = true;
        socket.write(next);
      }
      if (/(^|\r\n\r\n)HTTP\/1\.1 [2-5]/.test(got)) {
        socket.destroy();
        resolve(got);
      }
    });
    socket.write(head);
  });
}
