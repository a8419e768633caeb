/** A process that does the tasks of a topic says which topic, once, and can be started without an event. */

import { children, eventDefinitions, text } from '../read/moddle.ts';
import { declarations } from '../read/served-topics.ts';
import { type Finding, type Subject, title } from './contract.ts';

export function* servedTopics({ processes }: Subject): Generator<Finding> {
  for (const process of processes) {
    const served = declarations(process);
    const seen = new Set<string>();
    for (const node of served) {
      const topic = text(node, 'topic');
      const wrong =
        topic === undefined
          ? 'serves a topic without a name: set topic.'
          : /[$#]\{|^=/.test(topic)
            ? `serves the topic ${topic}, which is an expression: name the topic itself.`
            : seen.has(topic)
              ? `serves the topic ${topic} twice: keep one procos:servesTopic for it.`
              : undefined;
      if (wrong !== undefined) yield { rule: 'served-topic', node: process, message: `${title(process)} ${wrong}` };
      if (topic !== undefined) seen.add(topic);
    }
    if (served.length === 0) continue;
    const starts = children(process, 'flowElements').filter((node) => node.$type === 'bpmn:StartEvent');
    if (starts.some((node) => eventDefinitions(node).length === 0)) continue;
    const message = `${title(process)} serves a topic and has no start event without an event, by which each task begins: add one.`;
    yield { rule: 'served-topic', node: process, message };
  }
}
