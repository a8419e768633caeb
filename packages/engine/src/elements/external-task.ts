/** Service, send and business rule task: work for an external worker; a send task without one throws its message. */
import type { ExternalTaskElement } from '@procos/bpmn';
import { createExternalTask } from '../actions/external-work.ts';
import type { ElementBehavior } from './behavior.ts';
import { throwEvent } from './throwing.ts';

export const externalTaskBehavior: ElementBehavior<ExternalTaskElement> = {
  activate: (element, at) =>
    element.message === undefined ? (createExternalTask(at, element.work) ?? 'wait') : throwEvent(element.message, at),
};
