/** A system that starts on the store of any released format goes on with the work that waits in it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { ROOT, Running, until } from './running-procos.ts';

const FIXTURES = join(ROOT, 'packages/store/fixtures');
const names = readdirSync(FIXTURES).filter((name) => name.endsWith('.db.gz'));

/** The first format of a fixture that has one in each instance. */
const WITH_LARGE_VALUES = 11;
/** The first one in which somebody has said something, and kept a query. */
const WITH_NOTES = 13;

interface Named {
  readonly id: string;
}

describe('a store of an earlier format', { concurrency: false }, () => {
  for (const name of names) {
    test(`${name}: both instances come to their end with all that they knew`, async (context) => {
      const data = mkdtempSync(join(tmpdir(), 'procos-format-'));
      context.after(() => rmSync(data, { recursive: true, force: true }));
      writeFileSync(join(data, 'procos.db'), gunzipSync(readFileSync(join(FIXTURES, name))));
      const system = await (await Running.start({ data })).ready();
      try {
        const format = Number(/\d+/.exec(name)?.[0]);
        if (format >= WITH_NOTES) await readNotes(system);
        await finish(system);
        if (format >= WITH_LARGE_VALUES) await readLarge(system);
      } finally {
        await system.kill('SIGTERM');
      }
      const verified = await system.procos('verify', '--deep', '--data', data);
      assert.equal(verified.code, 0, verified.err);
    });
  }
});

async function readNotes(system: Running): Promise<void> {
  const get = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${system.url}/engine-rest${path}`)).json()) as T;
  const [filter] = await get<Named[]>('/filter?name=kept%20before');
  const found = await get<Named[]>(`/filter/${filter?.id}/list`);
  assert.ok(found.length > 0);
  for (const { id } of found) {
    const comments = await get<{ readonly message: string }[]>(`/task/${id}/comment`);
    assert.deepEqual(
      comments.map(({ message }) => message),
      ['said before'],
    );
  }
}

async function readLarge(system: Running): Promise<void> {
  const { processes } = await system.client.processes({ state: 'all', definition: 'waiting' });
  assert.equal(processes.length, 2);
  for (const { pid } of processes) {
    const { stream } = await system.client.variableContent(pid, 'large');
    const parts: Uint8Array[] = [];
    for await (const part of stream) parts.push(part);
    assert.ok(Buffer.concat(parts).equals(Buffer.from('kept out of line\n'.repeat(200_000))));
  }
}

async function finish(system: Running): Promise<void> {
  const rest = `${system.url}/engine-rest`;
  const get = async <T>(path: string): Promise<T> => (await (await fetch(`${rest}${path}`)).json()) as T;
  async function send(method: string, path: string, body: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${rest}${path}`, { method, headers, body: JSON.stringify(body) });
    const text = await answer.text();
    assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
  assert.equal((await get<{ count: number }>('/incident/count')).count, 2);
  const waiting = await get<Named[]>('/process-instance?processDefinitionKey=waiting');
  assert.equal(waiting.length, 2);

  for (const { id } of await get<Named[]>('/external-task'))
    await send('PUT', `/external-task/${id}/retries`, { retries: 3 });
  assert.equal((await get<{ count: number }>('/incident/count')).count, 0);
  for (const { id } of await get<Named[]>('/external-task?locked=true'))
    await send('POST', `/external-task/${id}/unlock`, {});
  const topics = ['work', 'fails', 'inner'].map((topicName) => ({ topicName, lockDuration: 60_000 }));
  const tasks = (await send('POST', '/external-task/fetchAndLock', { workerId: 'w', maxTasks: 10, topics })) as Named[];
  assert.equal(tasks.length, 6);
  for (const { id } of tasks) await send('POST', `/external-task/${id}/complete`, { workerId: 'w' });

  const people = await get<(Named & { readonly name: string; readonly assignee: string | null })[]>('/task');
  assert.deepEqual(people.map(({ name }) => name).sort(), ['Approve', 'Approve', ...Array(6).fill('For each')]);
  assert.deepEqual(
    people.filter(({ name }) => name === 'Approve').map(({ assignee }) => assignee),
    ['ada', 'ada'],
  );
  for (const { id } of people) await send('POST', `/task/${id}/complete`, {});

  for (const businessKey of ['k1', 'k2']) await send('POST', '/message', { messageName: 'paid', businessKey });
  for (const { id } of await get<Named[]>('/job?timers=true&processDefinitionKey=waiting'))
    await send('POST', `/job/${id}/execute`, {});
  await until('both have ended', async () => {
    const ended = await get<{ count: number }>(
      '/history/process-instance/count?processDefinitionKey=waiting&completed=true',
    );
    return ended.count === 2;
  });
  for (const [index, { id }] of waiting.entries()) {
    const variables = await get<{ readonly name: string; readonly value: unknown }[]>(
      `/history/variable-instance?processInstanceId=${id}&deserializeValues=false&activityInstanceIdIn=${id}`,
    );
    const values = Object.fromEntries(variables.map(({ name, value }) => [name, value]));
    const { large = null, ...others } = values;
    assert.equal(large, null, 'what is kept out of line has no value here');
    assert.deepEqual(others, { items: '[1,2,3]', n: index + 1, who: 'Zoë' });
  }
}
