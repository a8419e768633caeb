/** `procos.batch.retry`: another round over the items that have failed; after the last one an incident names them. */
import { ATTEMPTS } from '../batch/operation.ts';
import { failuresOf } from './batch-run.ts';
import { Hopeless, type SystemCall } from './contract.ts';

/** Items that the incident names with their reasons; the variable `failures` has them all. */
const NAMED = 20;
/** The first round is over the whole list. */
const FIRST_REPEAT = 2;

export function batchRetry(): SystemCall {
  return {
    topic: 'procos.batch.retry',
    async run(task) {
      const failures = failuresOf(task);
      const attempt = Number(task.input('attempt') ?? 1);
      const isAskedFor = attempt >= ATTEMPTS && task.again;
      if (attempt >= ATTEMPTS && !isAskedFor) {
        const named = failures.slice(0, NAMED).map(({ item, reason }) => `${item}: ${reason}`);
        const more = failures.length > NAMED ? `; and ${failures.length - NAMED} more, see the variable failures` : '';
        throw new Hopeless(
          `${failures.length} of ${String(task.input('total'))} items failed ${ATTEMPTS} times. ${named.join('; ')}${more}. ` +
            'Mend the causes and resolve this incident to try these items again, or cancel the batch to leave them.',
        );
      }
      return {
        variables: {
          items: failures.map(({ item }) => item),
          position: 0,
          attempt: isAskedFor ? FIRST_REPEAT : attempt + 1,
          back_off: isAskedFor ? 'PT0S' : `PT${2 ** (attempt - 1)}S`,
        },
      };
    },
  };
}
