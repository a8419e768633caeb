/** What a deployment must fulfil whose processes serve topics: no topic of the kernel, and no work that comes back to who does it. */
import type { Problem, ProcessModel } from '@procos/bpmn';
import { type State, servedLoop } from '@procos/engine';
import type { Findings, Read } from '../deploy-check.ts';
import { SYSTEM_TOPIC_PREFIX } from '../policy/decide.ts';

export function checkServedTopics(read: readonly Read[], tenantId: string | null, state: State): Findings {
  const fresh = new Map(read.map(({ model }) => [model.bpmnProcessId, model]));
  const modelOf = (id: string): ProcessModel | undefined =>
    fresh.get(id) ?? state.definitions.latest(id, tenantId)?.model;
  const declares = (id: string, topic: string): boolean =>
    modelOf(id)?.serves?.some((served) => served.topic === topic) === true;
  /** By whom the topic is served when all is deployed; undefined: nobody has chosen yet, or workers. */
  function serverOf(topic: string): string | undefined {
    const known = state.topicServers.of(topic, tenantId);
    if (known?.chosen === true) return known.bpmnProcessId ?? undefined;
    if (typeof known?.bpmnProcessId === 'string' && declares(known.bpmnProcessId, topic)) return known.bpmnProcessId;
    return read.find(({ model }) => declares(model.bpmnProcessId, topic))?.model.bpmnProcessId;
  }

  function problemsOf(model: ProcessModel): readonly Problem[] {
    const { bpmnProcessId } = model;
    const about = { elementId: bpmnProcessId, line: model.elements[bpmnProcessId]?.line ?? 0 };
    const loop = servedLoop(bpmnProcessId, {
      model: modelOf,
      servers: (topic) => {
        const active = serverOf(topic);
        const both = [
          ...(active === undefined ? [] : [active]),
          ...(declares(bpmnProcessId, topic) ? [bpmnProcessId] : []),
        ];
        return [...new Set(both)];
      },
    });
    const round: Problem[] =
      loop === undefined
        ? []
        : [
            {
              severity: 'error',
              rule: 'served-topic-loop',
              message: `${bpmnProcessId} would do its own work without end (${loop.join(' → ')}): use another topic on the way, or give one of them to workers (procos topic).`,
              ...about,
            },
          ];
    const each = (model.serves ?? []).flatMap(({ topic }): readonly Problem[] => {
      if (topic.startsWith(SYSTEM_TOPIC_PREFIX)) {
        const message = `${bpmnProcessId} is to serve ${topic}, but topics that begin with ${SYSTEM_TOPIC_PREFIX} belong to the system: choose another name.`;
        return [{ severity: 'error', rule: 'served-topic', message, ...about }];
      }
      const server = serverOf(topic);
      const workers = state.topicServers.of(topic, tenantId)?.chosen === true && server === undefined;
      if (server === bpmnProcessId || (server === undefined && !workers)) return [];
      const message = `Topic ${topic} is served by ${workers ? 'workers, as somebody has chosen' : `process ${server}`}: procos topic ${topic} --by ${bpmnProcessId} gives it to this process.`;
      return [{ severity: 'warning', rule: 'topic-served-elsewhere', message, ...about }];
    });
    return [...round, ...each];
  }

  return read.flatMap(({ resourceName, model }) => {
    const problems = problemsOf(model);
    return problems.length === 0 ? [] : [{ resource: resourceName, problems }];
  });
}
