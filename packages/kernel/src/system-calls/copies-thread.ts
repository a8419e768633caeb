/** The thread that copies, reads and rehearses: work on whole store files, which would hold up every command. */
import { rmSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { Json } from '@procos/bpmn';
import { backUpSqlite, openSqliteStore, restoreSqlite, StoreRefusal, verifySqliteFile } from '@procos/store';
import { messageOf } from '../log.ts';
import { beginNewLife } from '../restored.ts';

export type CopyTask =
  | { readonly kind: 'backup'; readonly source: string; readonly target: string; readonly taskId: number }
  | { readonly kind: 'verify'; readonly path: string }
  | { readonly kind: 'rehearse'; readonly backup: string; readonly scratch: string };

export type CopyAnswer =
  | { readonly ok: true; readonly result: Readonly<Record<string, Json>> }
  /** `again`: it may go well another time. */
  | { readonly ok: false; readonly problem: string; readonly again: boolean };

function work(task: CopyTask): Readonly<Record<string, Json>> {
  switch (task.kind) {
    case 'backup':
      return { bytes: backUpSqlite(task.source, task.target, task.taskId) };
    case 'verify':
      return { ...verifySqliteFile(task.path) };
    case 'rehearse':
      return rehearse(task.backup, task.scratch);
  }
}

/** A whole restore into a folder of its own, up to where a kernel would take over. */
function rehearse(backup: string, scratch: string): Readonly<Record<string, Json>> {
  rmSync(scratch, { recursive: true, force: true });
  try {
    const { records, bytes } = restoreSqlite({ backup, directory: scratch, replace: false, label: '' });
    const store = openSqliteStore({ directory: scratch });
    try {
      beginNewLife({ store, now: store.lastAt, by: { kind: 'kernel', id: 'rehearsal' } });
      const active = { where: [{ column: 'state', op: '=', value: 'active' }] } as const;
      return {
        records,
        bytes,
        format: store.description.format,
        instances: store.count('processInstances', active),
        externalTasks: store.count('externalTasks'),
        userTasks: store.count('userTasks'),
        timers: store.count('timers'),
        incidents: store.count('incidents'),
        lastRecordAt: new Date(store.lastAt).toISOString(),
      };
    } finally {
      store.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function answer(task: CopyTask): CopyAnswer {
  try {
    return { ok: true, result: work(task) };
  } catch (error) {
    return { ok: false, problem: messageOf(error), again: !(error instanceof StoreRefusal) };
  }
}

parentPort?.postMessage(answer(workerData as CopyTask));
