/** Queries for user tasks that are kept under a name. */
import { measure } from '../state/size.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

export const setTaskFilter: CommandHandler<'setTaskFilter'> = ({ filterId, filter }, turn) => {
  if (filterId !== undefined && turn.state.filters.get(filterId) === undefined)
    return reject('NOT_FOUND', `filter ${filterId} does not exist`, { filterId });
  if (filter.name.trim() === '') return reject('INVALID_ARGUMENT', 'the filter has no name: give it one');
  const most = turn.limits.variableSize;
  if (measure([filter.name, filter.query, filter.properties]).size > most)
    return reject('INVALID_ARGUMENT', `the filter is larger than ${most} characters: make it smaller`);
  const id = filterId ?? turn.ids.next();
  turn.emit({ type: 'taskFilterSet', filter: { ...filter, id } });
  return { ok: true, value: { filterId: id } };
};

export const removeTaskFilter: CommandHandler<'removeTaskFilter'> = ({ filterId }, turn) => {
  if (turn.state.filters.get(filterId) === undefined)
    return reject('NOT_FOUND', `filter ${filterId} does not exist`, { filterId });
  turn.emit({ type: 'taskFilterRemoved', filterId });
  return DONE;
};
