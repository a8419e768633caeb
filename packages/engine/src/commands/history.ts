/** How long history is kept, and the removal of what is over. The engine itself never reads history. */
import type { ProcessInstanceId } from '../records/ids.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

const MOST_AT_ONCE = 1_000;

export const setHistoryTimeToLive: CommandHandler<'setHistoryTimeToLive'> = ({ definitionId, days }, turn) => {
  const definition = turn.state.definitions.get(definitionId);
  if (definition === undefined)
    return reject('NOT_FOUND', `process definition ${definitionId} does not exist`, { definitionId });
  if (days !== null && !(Number.isSafeInteger(days) && days >= 0))
    return reject('INVALID_ARGUMENT', `a history time to live is a whole number of days from 0, not ${days}`, { days });
  if (definition.historyTimeToLive !== days) turn.emit({ type: 'historyTimeToLiveSet', definitionId, days });
  return DONE;
};

export const removeHistory: CommandHandler<'removeHistory'> = ({ target, atMost }, turn) => {
  if (!(Number.isSafeInteger(atMost) && atMost > 0))
    return reject('INVALID_ARGUMENT', `atMost must be a whole number from 1, not ${atMost}`, { atMost });
  const ids: readonly ProcessInstanceId[] = 'processInstanceIds' in target ? target.processInstanceIds : [];
  const named =
    'variableIds' in target ? target.variableIds : 'decisionInstanceIds' in target ? target.decisionInstanceIds : ids;
  if (named.length > MOST_AT_ONCE)
    return reject('INVALID_ARGUMENT', `at most ${MOST_AT_ONCE} at once, not ${named.length}`);
  const running = ids.find((id) => turn.state.instances.get(id) !== undefined);
  if (running !== undefined)
    return reject('INVALID_STATE', `process instance ${running} still runs: its history stays`, {
      processInstanceId: running,
    });
  turn.emit({ type: 'historyRemoved', target, atMost });
  return DONE;
};
