/**
 * `procos.file.lock`: one update of a file at a time. The lock is the variable `locked_path` of a running instance of the
 * update process: on the disk with it, and gone with it, whatever ends it.
 */
import type { ProcessEngine } from '../process-engine.ts';
import { Hopeless, type SystemCall } from './contract.ts';

export const UPDATE_PROCESS = 'procos_system_file_update';

export function fileLock(engine: () => Pick<ProcessEngine, 'find'>): SystemCall {
  /** Given by this kernel, and perhaps not on the disk yet: path to instance. */
  const given = new Map<string, number>();

  function holderOf(path: string): number | undefined {
    const running = engine().find('processInstances', {
      where: [
        { column: 'bpmnProcessId', op: '=', value: UPDATE_PROCESS },
        { column: 'state', op: '=', value: 'active' },
      ],
    });
    const ids = running.map(({ id }) => id);
    for (const [other, id] of given) if (!ids.includes(id)) given.delete(other);
    const locks = engine().find('variables', {
      where: [
        { column: 'scopeId', op: 'in', value: ids },
        { column: 'name', op: '=', value: 'locked_path' },
        { column: 'live', op: '=', value: true },
      ],
    });
    return locks.find(({ value }) => value === path)?.processInstanceId ?? given.get(path);
  }

  return {
    topic: 'procos.file.lock',
    async run({ input, processInstanceId }) {
      const path = input('path');
      if (typeof path !== 'string') throw new Hopeless('The variable path names no file: start anew.');
      const holder = holderOf(path);
      const mine = holder === undefined || holder === processInstanceId;
      if (mine) given.set(path, processInstanceId);
      const tries = input('lock_tries');
      return {
        variables: {
          locked: mine,
          locked_path: mine ? path : null,
          lock_holder: holder ?? processInstanceId,
          lock_tries: (typeof tries === 'number' ? tries : 0) + 1,
        },
      };
    },
  };
}
