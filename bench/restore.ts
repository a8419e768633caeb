/** Backup of a store with waiting instances, its verification, and the offline restore until a kernel has answered its first command. */
import { join } from 'node:path';
import { beginNewLife } from '@procos/kernel';
import { backUpSqlite, openSqliteStore, restoreSqlite, verifySqliteFile } from '@procos/store';
import { BENCH, deploy, type Row, type Scenario, shown, startMany, withDirectory, withKernelIn } from './harness.ts';
import { USER } from './models.ts';

export const restore: Scenario = {
  name: 'restore',
  title: 'Backup and restore of waiting instances',
  async run(size) {
    const count = size === 'full' ? 100_000 : 10_000;
    return withDirectory(async (directory) => {
      const rows: Row[] = [];
      const note = (what: string, begin: number, beside = ''): void => {
        rows.push({ what, value: shown(performance.now() - begin), beside });
      };
      await withKernelIn(directory, async (kernel) => {
        await deploy(kernel, 'u', USER);
        await startMany(kernel, 'u', count, () => ({}), 250);
      });
      const backup = join(directory, 'copy.db');
      let begin = performance.now();
      const bytes = backUpSqlite(join(directory, 'procos.db'), backup, 0);
      note(`backup of ${shown(count)} instances, ms`, begin, `${shown(bytes / 2 ** 20)} MB`);
      begin = performance.now();
      const found = verifySqliteFile(backup);
      if (!found.ok) throw new Error(found.problem);
      note('verification of the copy, ms', begin, `${shown(found.records)} records`);
      begin = performance.now();
      const target = join(directory, 'restored');
      restoreSqlite({ backup, directory: target, replace: false, label: 'bench' });
      const store = openSqliteStore({ directory: target });
      beginNewLife({ store, now: store.lastAt, by: BENCH });
      store.close();
      await withKernelIn(target, async ({ engine }) => {
        const outcome = await engine.submit(
          { type: 'createProcessInstance', definition: { bpmnProcessId: 'u' } },
          BENCH,
        );
        if (!outcome.ok) throw new Error(outcome.rejection.message);
        note(
          `restore of ${shown(count)} instances until the first command is answered, ms`,
          begin,
          'goal ≤ 30,000 for 100,000',
        );
        const waiting = engine.count('userTasks');
        if (waiting !== count + 1) throw new Error(`${waiting} tasks wait after the restore, not ${count + 1}`);
      });
      return rows;
    });
  },
};
