/** Starts a kernel on the store in argv[2], broadcasts a signal to very many, and kills itself when some have heard it. */
import { openSqliteStore } from '@procos/store';
import { ADA, BROADCAST, heardIn, LISTENERS, startListeners } from './listeners.ts';
import { startTestKernel } from './system.ts';

const [, , directory = ''] = process.argv;

const kernel = await startTestKernel({ store: openSqliteStore({ directory }) });
await kernel.ready;
await startListeners(kernel);
let commands = 0;
let heard = 0;
kernel.engine.onCommitted((records) => {
  for (const record of records) {
    const some = heardIn([record]).length;
    heard += some;
    if (some > 0) commands += 1;
    if (commands === 2) process.kill(process.pid, 'SIGKILL');
    // Nothing is left in between which it could be killed.
    if (heard === LISTENERS) process.exit(1);
  }
});
await kernel.engine.submit(BROADCAST, ADA);
