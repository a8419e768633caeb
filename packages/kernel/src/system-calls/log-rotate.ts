/** `procos.log.rotate`: the log file of the kernel gets a successor when it is large or old enough, or when that was asked for. */
import type { KernelLog } from '../log.ts';
import type { SystemCall } from './contract.ts';

export function logRotate(log: KernelLog): SystemCall {
  return {
    topic: 'procos.log.rotate',
    async run({ input, processInstanceId }) {
      const { file } = log;
      if (file === undefined) return { variables: { log_file: null, rotated: false, files: [], removed: 0 } };
      const { rotated, files, removed } = await file.rotate(input('force') === true);
      if (rotated)
        log.info('log_rotated', `The log goes on in a new file; ${files.length} earlier ones are kept.`, {
          files: files.length,
          removed,
          correlation_id: processInstanceId,
        });
      return { variables: { log_file: file.path, rotated, files, removed } };
    },
  };
}
