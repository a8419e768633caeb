/** Kernels for tests: the real system processes on a real store, with a log that is kept and not printed. */
import { readdirSync, readFileSync } from 'node:fs';
import { createMemoryStore, type Store } from '@procos/store';
import type { KernelOptions, RunningKernel } from '../kernel-options.ts';
import { KernelLog } from '../log.ts';
import { startKernel } from '../microkernel.ts';
import type { SystemModel } from '../system-deployment.ts';

const SYSTEM = new URL('../../../../system/', import.meta.url);

/** Without the library, which no kernel needs to run. */
export const systemModels: readonly SystemModel[] = modelsIn('');

/** What models may call: `system/lib`. */
export const libraryModels: readonly SystemModel[] = modelsIn('lib/');

function modelsIn(folder: string): SystemModel[] {
  const names = readdirSync(new URL(folder, SYSTEM)).filter((name) => /\.(bpmn|dmn)$/.test(name));
  return names.map((name) => ({
    name: folder + name,
    content: readFileSync(new URL(folder + name, SYSTEM), 'utf8'),
  }));
}

export function quietLog(): KernelLog {
  return new KernelLog({ level: 'debug', stream: { write: () => {} } });
}

export async function startTestKernel(options: Partial<KernelOptions> = {}): Promise<RunningKernel> {
  const store: Store = options.store ?? createMemoryStore();
  return startKernel({ store, systemModels, hosts: [], version: 'test', log: quietLog(), zone: 'UTC', ...options });
}

/** The elements at which an instance stands. */
export function standsAt({ engine }: RunningKernel, processInstanceId: number): string[] {
  return engine
    .find('elementInstances', {
      where: [
        { column: 'processInstanceId', op: '=', value: processInstanceId },
        { column: 'outcome', op: '=', value: 'active' },
      ],
    })
    .filter(({ elementType }) => elementType !== 'process')
    .map(({ elementId }) => elementId)
    .sort();
}

/** Resolves once `condition` holds; throws with the log's end when it does not within `ms`, which is long for a machine with much to do. */
export async function until(kernel: RunningKernel, condition: () => boolean, ms = 30_000): Promise<void> {
  if (condition()) return;
  await new Promise<void>((resolve, reject) => {
    let ended = false;
    const look = () => {
      if (ended || !condition()) return;
      end();
      resolve();
    };
    // Not within the commit: the listeners of the kernel itself come first.
    const stop = kernel.engine.onCommitted(() => void setImmediate(look));
    // What no commit follows is seen, too, e.g. the phase of the kernel.
    const again = setInterval(look, 50);
    const end = () => {
      ended = true;
      clearTimeout(timer);
      clearInterval(again);
      stop();
    };
    const timer = setTimeout(() => {
      end();
      const lines = kernel.log.recent(20).map(({ event, text }) => `${event}: ${text}`);
      reject(new Error(`never came true: ${condition}\n${lines.join('\n')}`));
    }, ms);
  });
}
