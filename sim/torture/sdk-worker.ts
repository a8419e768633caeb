/** A worker of our own SDK as an operating-system process: argv: url, worker id. Tells of each task that it begins. */
import { createWorker } from '@procos/client';
import { TOPIC } from './http-face.ts';

const [, , baseUrl = '', workerId = ''] = process.argv;
const worker = createWorker({ baseUrl, workerId, concurrency: 5, lockMs: 1_500, longPollMs: 1_000 });
worker.subscribe(TOPIC, ({ task }) => {
  process.stdout.write(`${task.id}\n`);
});
await worker.start();
