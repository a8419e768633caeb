/** Processes that would do each other's work without end: found before they run, where topics and called processes are named. */
import type { Element, ProcessModel } from '@procos/bpmn';

export interface Known {
  /** The model that is started of a process. */
  model(bpmnProcessId: string): ProcessModel | undefined;
  /** The processes that do, or by this change would do, the tasks of a topic. */
  servers(topic: string): readonly string[];
}

interface Edge {
  readonly to: string;
  readonly topic: string | undefined;
}

/** The round of process ids that leads from the process back to it, over at least one topic; undefined: there is none. */
export function servedLoop(start: string, known: Known): readonly string[] | undefined {
  const seen = new Set<string>();
  const search = (id: string, path: readonly string[], byTopic: boolean): readonly string[] | undefined => {
    for (const { to, topic } of edgesOf(known.model(id), known)) {
      const served = byTopic || topic !== undefined;
      if (to === start) {
        if (served) return [...path, to];
        continue;
      }
      const mark = `${served} ${to}`;
      if (seen.has(mark)) continue;
      seen.add(mark);
      const found = search(to, [...path, to], served);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(start, [start], false);
}

function edgesOf(model: ProcessModel | undefined, known: Known): readonly Edge[] {
  return Object.values(model?.elements ?? {}).flatMap((element): readonly Edge[] => {
    if (element.type === 'callActivity') {
      const { language, text } = element.called.processId;
      return language === 'literal' ? [{ to: text, topic: undefined }] : [];
    }
    const topic = topicOf(element);
    return topic === undefined ? [] : known.servers(topic).map((to) => ({ to, topic }));
  });
}

function topicOf(element: Element): string | undefined {
  const work =
    'work' in element
      ? element.work
      : 'event' in element && element.event.kind === 'message'
        ? element.event.work
        : undefined;
  return work?.topic.language === 'literal' ? work.topic.text : undefined;
}
