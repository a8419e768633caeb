/** Starts a kernel on the store in argv[2] with a row for orders, has one fail, and kills itself with the record of the event in argv[3]. */
import { openSqliteStore } from '@procos/store';
import { deployOrder, failingOrder } from './failing-orders.ts';
import { deployTable, tableWith } from './recovery-table.ts';
import { startTestKernel } from './system.ts';

const [, , directory = '', stage = ''] = process.argv;

const kernel = await startTestKernel({ store: openSqliteStore({ directory }) });
await kernel.ready;
await deployOrder(kernel);
await deployTable(kernel, tableWith({ when: { process: '"order"' }, gives: { action: '"retry"', pause: '"PT1S"' } }));
kernel.engine.onCommitted((records) => {
  if (records.some(({ events }) => events.some(({ type }) => type === stage))) process.kill(process.pid, 'SIGKILL');
});
await failingOrder(kernel);
