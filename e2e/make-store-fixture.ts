/** `npm run store:fixture`: leaves instances that wait in a store of this version's format, and keeps it for the tests of later ones. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { ROOT, Running } from './running-procos.ts';

/** So often that it is kept out of line. */
const LARGE = 'kept out of line\n';
const FIXTURES = join(ROOT, 'packages/store/fixtures');
const data = mkdtempSync(join(tmpdir(), 'procos-fixture-'));
try {
  const system = await (await Running.start({ data })).ready();
  const form = new FormData();
  for (const name of ['waiting.bpmn', 'inner.bpmn'])
    form.append(name, new Blob([readFileSync(join(FIXTURES, name))]), name);
  await ask('/deployment/create', form);
  for (const [index, businessKey] of ['k1', 'k2'].entries()) {
    const variables = {
      items: { type: 'Json', value: '[1,2,3]' },
      n: { type: 'Integer', value: index + 1 },
      who: { type: 'String', value: 'Zoë' },
    };
    const { id } = (await ask('/process-definition/key/waiting/start', { businessKey, variables })) as { id: string };
    const content = Buffer.from(LARGE.repeat(200_000));
    await system.client.setVariableContent(id, 'large', content, { type: 'String' });
  }
  for (const { id } of await fetchTasks('fails', 2))
    await ask(`/external-task/${id}/failure`, { workerId: 'w', errorMessage: 'it broke', retries: 0, retryTimeout: 0 });
  await fetchTasks('work', 1);
  const tasks = (await (await fetch(`${system.url}/engine-rest/task`)).json()) as readonly { readonly id: string }[];
  if (tasks.length === 0) throw new Error('nothing waits for a person');
  for (const { id } of tasks) await ask(`/task/${id}/comment/create`, { message: 'said before' });
  await ask('/filter/create', { resourceType: 'Task', name: 'kept before', query: { nameLike: 'Appr%' } });
  await system.kill('SIGTERM');
  const store = join(data, 'procos.db');
  const path = join(FIXTURES, `format-${formatOf(store)}.db.gz`);
  writeFileSync(path, gzipSync(readFileSync(store), { level: 9 }), { flag: 'wx' });
  console.log(path);

  async function ask(path: string, body: object): Promise<unknown> {
    const json = !(body instanceof FormData);
    const answer = await fetch(`${system.url}/engine-rest${path}`, {
      method: 'POST',
      ...(json ? { headers: { 'content-type': 'application/json' } } : {}),
      body: json ? JSON.stringify(body) : body,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async function fetchTasks(topicName: string, maxTasks: number): Promise<readonly { readonly id: string }[]> {
    const request = { workerId: 'w', maxTasks, topics: [{ topicName, lockDuration: 600_000 }] };
    return (await ask('/external-task/fetchAndLock', request)) as readonly { readonly id: string }[];
  }
} finally {
  rmSync(data, { recursive: true, force: true });
}

function formatOf(path: string): unknown {
  using database = new DatabaseSync(path, { readOnly: true });
  return database.prepare('PRAGMA user_version').get()?.['user_version'];
}
