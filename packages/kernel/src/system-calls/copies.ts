/** System calls on copies of the store: `procos.store.backup`, `.verify`, `.rehearse`, `.restore`. The work is done in a thread of its own. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Json } from '@procos/bpmn';
import type { StoreDescription } from '@procos/store';
import type { FourEyes } from '../identity/four-eyes.ts';
import { Hopeless, type SystemCall, type SystemTask } from './contract.ts';
import type { CopyAnswer, CopyTask } from './copies-thread.ts';
import { isFileName, nameProblem } from './file-names.ts';

export interface CopiesNeeds {
  readonly store: StoreDescription;
  /** Absolute path of the folder of all backups. */
  readonly folder: string;
  /** Stops the kernel in order; whoever started it puts the file in the place of the store and starts again. */
  readonly restart: (restore: string) => void;
  readonly fourEyes: Pick<FourEyes, 'restoreRefusal'>;
}

export function copiesCalls({ store, folder, restart, fourEyes }: CopiesNeeds): readonly SystemCall[] {
  return [
    {
      topic: 'procos.store.backup',
      async run(task) {
        if (store.path === null)
          throw new Hopeless('This kernel keeps its store in memory: there is nothing to back up.');
        const wanted = task.input('file');
        const name = wanted === null ? `backup-${task.processInstanceId}.db` : fileName(wanted);
        const taskId = task.holder.externalTaskId;
        await inThread({ kind: 'backup', source: store.path, target: join(folder, name), taskId });
        return { variables: { file: name, path: join(folder, name) } };
      },
    },
    {
      topic: 'procos.store.verify',
      async run(task) {
        const path = join(folder, existing(folder, task));
        return { variables: { verification: await inThread({ kind: 'verify', path }) } };
      },
    },
    {
      topic: 'procos.store.rehearse',
      async run(task) {
        const backup = join(folder, existing(folder, task));
        const scratch = join(folder, `.rehearsal-${task.processInstanceId}`);
        return { variables: { rehearsal: await inThread({ kind: 'rehearse', backup, scratch }) } };
      },
    },
    {
      topic: 'procos.store.restore',
      async run(task) {
        const refusal = fourEyes.restoreRefusal();
        if (refusal !== undefined) throw new Hopeless(refusal);
        const backup = join(folder, existing(folder, task));
        return { afterwards: () => restart(backup) };
      },
    },
  ];
}

function fileName(value: Json): string {
  if (isFileName(value, '.db')) return value;
  throw new Hopeless(nameProblem(value, '.db'));
}

function existing(folder: string, task: SystemTask): string {
  const name = fileName(task.input('file'));
  if (has(folder, name)) return name;
  const others = namesIn(folder).filter((other) => other.endsWith('.db'));
  const known = others.length === 0 ? 'no backups' : others.sort().join(', ');
  throw new Hopeless(`There is no backup ${name} in ${folder}. There: ${known}.`);
}

function has(folder: string, name: string): boolean {
  return namesIn(folder).includes(name);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** What the thread found out; throws what it could not do. */
function inThread(workerData: CopyTask): Promise<Readonly<Record<string, Json>>> {
  const worker = new Worker(new URL('./copies-thread.ts', import.meta.url), { workerData });
  return new Promise((resolve, reject) => {
    worker.once('message', (answer: CopyAnswer) => {
      if (answer.ok) resolve(answer.result);
      else reject(answer.again ? new Error(answer.problem) : new Hopeless(answer.problem));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`The thread ended with ${code} and no answer.`)));
  });
}
