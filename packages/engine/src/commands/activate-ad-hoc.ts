/** Starts activities inside a waiting ad-hoc sub-process. */
import { cancelContent } from '../actions/cancel.ts';
import { isStillToBegin } from '../actions/pending.ts';
import { visit } from '../actions/turn.ts';
import { canBeStarted, startElements } from '../elements/ad-hoc-sub-process.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

export const activateAdHoc: CommandHandler<'activateAdHoc'> = (command, turn) => {
  const { processInstanceId, elementInstanceId } = command;
  const at = visit(turn, processInstanceId, elementInstanceId);
  const element = at?.model.elements[at.self.elementId];
  if (at === undefined || element?.type !== 'adHocSubProcess' || at.self.role !== 'element')
    return reject('NOT_FOUND', `element instance ${elementInstanceId} is no ad-hoc sub-process that is active`, {
      processInstanceId,
      elementInstanceId,
    });
  if (at.instance.suspended)
    return reject('INVALID_STATE', `process instance ${processInstanceId} is suspended: resume it first`, {
      processInstanceId,
    });
  if (isStillToBegin(at))
    return reject('INVALID_STATE', `ad-hoc sub-process '${element.id}' has not begun yet: try again later`, {
      elementInstanceId,
    });
  const wrong = command.elements.find(({ elementId }) => !canBeStarted(at, elementId));
  if (wrong !== undefined)
    return reject(
      'INVALID_ARGUMENT',
      `'${wrong.elementId}' is no activity directly inside ad-hoc sub-process '${element.id}' that could be started`,
      { elementId: wrong.elementId },
    );
  const busy = at.self.children > 0 && command.cancelRemaining !== true;
  if (
    element.sequential &&
    (busy || command.elements.length > 1) &&
    command.elements.some((one) => one.variables !== undefined)
  )
    return reject(
      'INVALID_STATE',
      `ad-hoc sub-process '${element.id}' runs one activity at a time: give variables only to one that can start at once`,
      { elementInstanceId },
    );
  if (command.cancelRemaining === true) {
    cancelContent(turn, at.instance, at.self);
    if (at.self.queue.length > 0) turn.emit({ type: 'adHocQueued', processInstanceId, elementInstanceId, queue: [] });
  }
  startElements(at, element, command.elements);
  return DONE;
};
