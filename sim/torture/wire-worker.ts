/**
 * A worker as an operating-system process of its own, which can be frozen and killed: argv: url, worker id, most tasks,
 * lease in ms, whether it names its locks. It fetches, says so, works, reports on all of it, and says what it was answered.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { complete, fetchTasks } from './http-face.ts';

const [, , url = '', workerId = '', maxTasks = '1', lockMs = '1000', fencing = 'true'] = process.argv;
/** Long enough that whoever hears `fetched` can stop it before it reports. */
const WORK_MS = 1_000;

const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
const tasks = await fetchTasks(url, { workerId, maxTasks: Number(maxTasks), lockMs: Number(lockMs), waitMs: 5_000 });
say({ fetched: tasks.map(({ id }) => id) });
await sleep(WORK_MS);
const answers = tasks.map(async ({ id, lockCount }) => {
  const { status } = await complete(url, id, { workerId, ...(fencing === 'true' ? { lockCount } : {}) });
  return [id, status] as const;
});
say({ reported: await Promise.all(answers) });
