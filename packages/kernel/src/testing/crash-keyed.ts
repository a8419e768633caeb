/** Starts a kernel on the store in argv[2], publishes a message under the key in argv[3], prints the reply and kills itself. */
import { writeSync } from 'node:fs';
import { openSqliteStore } from '@procos/store';
import { startTestKernel } from './system.ts';

const [, , directory = '', key = ''] = process.argv;

const kernel = await startTestKernel({ store: openSqliteStore({ directory }), hosts: [] });
const outcome = await kernel.engine.submit(
  { type: 'publishMessage', name: 'paid', correlationKey: 'k', timeToLiveMs: 60_000 },
  { kind: 'user', id: 'ada' },
  { key, fingerprint: 'f' },
);
writeSync(1, JSON.stringify(outcome));
process.kill(process.pid, 'SIGKILL');
