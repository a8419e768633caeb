/** `POST /api/requests`: hands a process to PID 1, which runs it as a child. */
import { randomUUID } from 'node:crypto';
import type { Json, LogRecord, ProcessEngine } from '@procos/kernel';
import type { RequestReply } from '@procos/protocol';
import { Answer, type Call } from '../call.ts';
import { isObject } from '../safe-json.ts';
import { ApiRefusal, rejected } from './errors.ts';
import { optionalObject, optionalText, requiredText } from './parameters.ts';

/** What PID 1 waits for. */
const MESSAGE = 'procos.user_request';
/** How long a request waits for PID 1 to take it up. */
const TIME_TO_LIVE_MS = 3_600_000;

export async function createRequest({ engine, body, by }: Call): Promise<Answer> {
  const bpmnProcessId = requiredText(body, 'bpmnProcessId');
  const businessKey = optionalText(body, 'businessKey') ?? null;
  const variables = optionalObject(body, 'variables');
  const definitionId = findDefinition(engine, bpmnProcessId);
  const id = randomUUID();
  const request = { id, process: bpmnProcessId, businessKey, variables };
  const before = engine.lastSequence;
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
  const pid = childOf(recordOf(engine, before, id), bpmnProcessId);
  const reply: RequestReply = {
    requestId: id,
    pid: pid === undefined ? null : String(pid),
    definitionId: String(definitionId),
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

/** The record of our message: the one whose variables carry the id of the request. */
function recordOf(engine: ProcessEngine, after: number, requestId: string): LogRecord | undefined {
  for (let from = after; ; ) {
    const records = engine.records(from, 100);
    const found = records.find((record) => record.events.some((event) => carries(event, requestId)));
    const last = records.at(-1);
    if (found !== undefined || last === undefined) return found;
    from = last.sequence;
  }
}

function carries(event: LogRecord['events'][number], requestId: string): boolean {
  if (event.type !== 'variablesSet') return false;
  const value: Json | undefined = event.variables['request']?.value;
  return isObject(value) && value['id'] === requestId;
}

/** What PID 1 started when it took the request up. */
function childOf(record: LogRecord | undefined, bpmnProcessId: string): number | undefined {
  for (const event of record?.events ?? []) {
    if (event.type === 'processInstanceCreated' && event.bpmnProcessId === bpmnProcessId)
      return event.processInstanceId;
  }
  return undefined;
}
