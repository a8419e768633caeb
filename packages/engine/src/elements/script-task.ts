/** Script task: an external task on the sandbox's topic. */
import type { ScriptTask } from '@procos/bpmn';
import { createExternalTask } from '../actions/external-work.ts';
import { scriptWork } from '../actions/script-work.ts';
import type { ElementBehavior } from './behavior.ts';

export const scriptTaskBehavior: ElementBehavior<ScriptTask> = {
  activate: (element, at) => createExternalTask(at, scriptWork(element.script)) ?? 'wait',
};
