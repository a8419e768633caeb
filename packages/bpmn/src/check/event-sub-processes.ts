/** An event sub-process begins by exactly one start event, and that one waits for something. */
import { children, eventDefinitions, flag } from '../read/moddle.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* eventSubProcesses({ scopes }: Subject): Generator<Finding> {
  for (const node of scopes) {
    if (flag(node, 'triggeredByEvent') !== true) continue;
    const starts = children(node, 'flowElements').filter((inner) => inner.$type === 'bpmn:StartEvent');
    const [start] = starts;
    if (starts.length !== 1) {
      const message = `The event sub-process ${title(node)} has ${starts.length} start events: it needs exactly one.`;
      yield { rule: 'event-sub-process-start', node, message };
    } else if (start !== undefined && eventDefinitions(start).length === 0) {
      const message = `${title(start)} begins an event sub-process: give it a message, timer, signal, condition, error, escalation or compensation.`;
      yield { rule: 'event-sub-process-start', node: start, message };
    }
  }
}
