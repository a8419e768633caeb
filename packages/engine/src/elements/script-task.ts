/** Script task: an external task on the sandbox's topic; code never runs inside the kernel. */
import type { ScriptTask } from '@procos/bpmn';
import { createExternalTask } from '../actions/external-work.ts';
import type { ElementBehavior } from './behavior.ts';

/** Served by the script worker; it gets the script as headers `script_format` and `script_source`, and returns local variable `result`. */
export const SCRIPT_TOPIC = 'procos.script';

export const scriptTaskBehavior: ElementBehavior<ScriptTask> = {
  activate: (_element, at) => createExternalTask(at, { topic: { language: 'literal', text: SCRIPT_TOPIC } }) ?? 'wait',
};
