/** Time is made to stand still at an instant, and to go on again: for systems on which something is tried out. */
import { instantText } from '@procos/bpmn';
import { type CommandHandler, DONE, reject } from './handler.ts';

/** What is lent or waits from then on must end before the last instant that a date can be. */
const FIRST_TOO_LATE = Date.UTC(9000, 0, 1);

export const pinClock: CommandHandler<'pinClock'> = ({ at }, turn) => {
  if (!Number.isSafeInteger(at) || at >= FIRST_TOO_LATE)
    return reject(
      'INVALID_ARGUMENT',
      'the clock is pinned to whole milliseconds since the epoch, before the year 9000',
    );
  if (at < turn.now) {
    const [wanted, now] = [at, turn.now].map((instant) => instantText(Math.max(instant, 0), 'UTC'));
    const message = `time only goes forward: it is ${now}, and the clock cannot be pinned to ${wanted}, which is past`;
    return reject('INVALID_STATE', message, { now: turn.now });
  }
  if (turn.state.singletons.clockPinnedAt !== at) turn.emit({ type: 'clockPinned', at });
  return DONE;
};

export const resetClock: CommandHandler<'resetClock'> = (_command, turn) => {
  if (turn.state.singletons.clockPinnedAt !== null) turn.emit({ type: 'clockReset' });
  return DONE;
};
