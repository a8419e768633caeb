/** For the crash test: commits without end and says which sequence is durable. Argument: the folder of the store. */
import { writeSync } from 'node:fs';
import { openSqliteStore } from '../sqlite/open.ts';
import { commit, externalTask } from './fixtures.ts';

const store = openSqliteStore({ directory: process.argv[2] ?? '' });
writeSync(1, `opened ${store.lastSequence}\n`);
for (;;) {
  const id = store.ids.next();
  store.state.externalTasks.put(externalTask({ id, errorDetails: 'x'.repeat(200) }));
  if (id % 3 === 0) store.state.externalTasks.delete(id - 2);
  const { sequence } = commit(store, [
    { type: 'externalTaskPrioritySet', externalTaskId: id, priority: store.lastSequence + 1 },
  ]);
  if (sequence % 7 === 0) store.followUp();
  writeSync(1, `${sequence}\n`);
}
