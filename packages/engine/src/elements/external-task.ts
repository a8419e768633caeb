/** Service, send and business rule task: work for an external worker. */
import type { ExternalTaskElement } from '@procos/bpmn';
import { createExternalTask } from '../actions/external-work.ts';
import type { ElementBehavior } from './behavior.ts';

export const externalTaskBehavior: ElementBehavior<ExternalTaskElement> = {
  activate: (element, at) => createExternalTask(at, element.work) ?? 'wait',
};
