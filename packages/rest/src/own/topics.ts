/** `/api/topics`: which process does the tasks of a topic, or that workers do; and the change from one to the other. */
import type { TopicList, TopicRow } from '@procos/protocol';
import type { Call } from '../call.ts';
import { rejected } from './errors.ts';
import { optionalText, textParameter, wrong } from './parameters.ts';

export function listTopics(call: Call): TopicList {
  const topic = textParameter(call, 'topic');
  const rows = topicRows(call);
  return { topics: topic === undefined ? rows : rows.filter((row) => row.topic === topic) };
}

export async function chooseServer(call: Call): Promise<TopicRow> {
  const { engine, by, body, params } = call;
  const topic = params['topic'] ?? '';
  const bpmnProcessId = body['process'];
  if (bpmnProcessId !== null && (typeof bpmnProcessId !== 'string' || bpmnProcessId === ''))
    throw wrong('Member process is missing: give the id of a process that serves the topic, or null for workers.');
  const tenantId = optionalText(body, 'tenantId') ?? null;
  const outcome = await engine.submit({ type: 'setTopicServer', topic, tenantId, bpmnProcessId }, by);
  if (!outcome.ok) throw rejected(outcome.rejection);
  const row = topicRows(call).find((one) => one.topic === topic && one.tenantId === tenantId);
  if (row === undefined) throw new Error(`topic ${topic} has no server after one was chosen`);
  return row;
}

function topicRows({ engine }: Call): readonly TopicRow[] {
  const latest = engine.find('definitions', { where: [{ column: 'latest', op: '=', value: true }] });
  const serving = latest.flatMap(({ id, bpmnProcessId, tenantId, suspended }) =>
    (engine.model(id)?.serves ?? []).map(({ topic }) => ({ topic, bpmnProcessId, tenantId, suspended })),
  );
  const rows = engine.find('topicServers', { orderBy: [{ column: 'topic' }, { column: 'tenantId' }] });
  return rows.map(({ topic, tenantId, bpmnProcessId, chosen }) => {
    const declared = serving.filter((one) => one.topic === topic && one.tenantId === tenantId);
    const server = declared.find((one) => one.bpmnProcessId === bpmnProcessId && !one.suspended);
    return {
      topic,
      tenantId,
      process: server?.bpmnProcessId ?? null,
      chosen,
      declaredBy: declared.map((one) => one.bpmnProcessId).sort(),
      tasks: engine.count('externalTasks', {
        where: [
          { column: 'topic', op: '=', value: topic },
          tenantId === null ? { column: 'tenantId', op: 'isNull' } : { column: 'tenantId', op: '=', value: tenantId },
        ],
      }),
    };
  });
}
