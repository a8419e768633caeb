/** `POST /api/requests`: hands a process to PID 1, which runs it as a child. */
import { randomUUID } from 'node:crypto';
import type { EventOf, LogRecord, ProcessEngine } from '@procos/kernel';
import type { RequestReply } from '@procos/protocol';
import { Answer, type Call } from '../call.ts';
import { ApiRefusal, rejected } from './errors.ts';
import { optionalObject, optionalText, requiredText } from './parameters.ts';

/** What PID 1 waits for. */
const MESSAGE = 'procos.user_request';
/** How long a request waits for PID 1 to take it up. */
const TIME_TO_LIVE_MS = 3_600_000;

export async function createRequest(call: Call): Promise<Answer> {
  const { engine, body, by } = call;
  const bpmnProcessId = requiredText(body, 'bpmnProcessId');
  const businessKey = optionalText(body, 'businessKey') ?? null;
  const variables = optionalObject(body, 'variables');
  const definitionId = findDefinition(engine, bpmnProcessId);
  // PID 1 could only tell by an incident.
  const refusal = call.repeated ? undefined : engine.startRefusal(definitionId);
  if (refusal !== undefined) throw rejected(refusal);
  const request = { id: randomUUID(), process: bpmnProcessId, businessKey, variables };
  const outcome = await engine.submit(
    {
      type: 'publishMessage',
      name: MESSAGE,
      correlationKey: '',
      timeToLiveMs: TIME_TO_LIVE_MS,
      once: true,
      variables: { request: { type: 'Json', value: request } },
    },
    by,
  );
  if (!outcome.ok) throw rejected(outcome.rejection);
  const { messageId } = outcome.value;
  const child = childOf(recordOf(engine, messageId), bpmnProcessId);
  const reply: RequestReply = {
    requestId: String(messageId),
    pid: child === undefined ? null : String(child.processInstanceId),
    definitionId: String(child?.definitionId ?? definitionId),
  };
  return new Answer(201, reply);
}

function findDefinition(engine: ProcessEngine, bpmnProcessId: string): number {
  const [definition] = engine.find('definitions', {
    where: [
      { column: 'bpmnProcessId', op: '=', value: bpmnProcessId },
      { column: 'latest', op: '=', value: true },
      { column: 'tenantId', op: 'isNull' },
    ],
  });
  if (definition !== undefined) return definition.id;
  throw new ApiRefusal(
    404,
    'NOT_FOUND',
    `There is no process ${bpmnProcessId}: deploy it first, or see /api/definitions.`,
  );
}

/** The record that gave out the identity: the first that got so far. */
function recordOf(engine: ProcessEngine, id: number): LogRecord | undefined {
  let [before, last] = [engine.firstSequence - 1, engine.lastSequence];
  while (last - before > 1) {
    const middle = Math.floor((before + last) / 2);
    const lastId = engine.records(middle - 1, 1)[0]?.lastId ?? 0;
    if (lastId < id) before = middle;
    else last = middle;
  }
  return engine.records(before, 1)[0];
}

/** What PID 1 started when it took the request up. */
function childOf(record: LogRecord | undefined, bpmnProcessId: string): EventOf<'processInstanceCreated'> | undefined {
  for (const event of record?.events ?? []) {
    if (event.type === 'processInstanceCreated' && event.bpmnProcessId === bpmnProcessId) return event;
  }
  return undefined;
}
