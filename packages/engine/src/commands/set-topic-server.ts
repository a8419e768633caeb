/** Who does the tasks of a topic from now on: workers, or a process that declares it. Tasks under way finish where they are; those that wait go to a process that serves it now. */
import { handOverLater } from '../actions/hand-over.ts';
import { servedLoop } from '../actions/served-loops.ts';
import { serves } from '../actions/serving.ts';
import type { TopicServer } from '../state/entities.ts';
import { type CommandHandler, DONE, reject } from './handler.ts';

export const setTopicServer: CommandHandler<'setTopicServer'> = ({ topic, tenantId, bpmnProcessId }, turn) => {
  if (topic === '') return reject('INVALID_ARGUMENT', 'topic is empty: name it');
  const { definitions, topicServers } = turn.state;
  if (bpmnProcessId !== null) {
    const definition = definitions.latest(bpmnProcessId, tenantId);
    if (definition === undefined)
      return reject('NOT_FOUND', `process '${bpmnProcessId}' is not deployed: deploy it first`, { bpmnProcessId });
    if (!serves(definition.model, topic)) {
      const message = `version ${definition.version} of process '${bpmnProcessId}' does not serve topic '${topic}': declare it by <procos:servesTopic topic="${topic}" /> and deploy it`;
      return reject('INVALID_STATE', message, { bpmnProcessId, topic });
    }
  }
  const loop =
    bpmnProcessId === null
      ? undefined
      : servedLoop(bpmnProcessId, {
          model: (id) => definitions.latest(id, tenantId)?.model,
          servers: (name) => {
            const server = name === topic ? bpmnProcessId : topicServers.of(name, tenantId)?.bpmnProcessId;
            return server === undefined || server === null ? [] : [server];
          },
        });
  if (loop !== undefined) {
    const message = `'${bpmnProcessId}' would do its own work without end: ${loop.join(' → ')}; give one of the topics between them to workers`;
    return reject('INVALID_STATE', message, { bpmnProcessId, topic });
  }
  const known = topicServers.of(topic, tenantId);
  if (known?.bpmnProcessId === bpmnProcessId && known.chosen) return DONE;
  const server: TopicServer = { id: known?.id ?? turn.ids.next(), topic, tenantId, bpmnProcessId, chosen: true };
  turn.emit({ type: 'topicServerSet', server });
  if (bpmnProcessId !== null) handOverLater(turn, topic, tenantId);
  return DONE;
};
