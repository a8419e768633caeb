/** `POST /api/external-tasks/outcomes`: what a worker says of many tasks in one request; each counts by itself. */
import type { Json } from '@procos/kernel';
import type { OutcomesReply } from '@procos/protocol';
import type { Call, Handler, JsonObject } from '../call.ts';
import { errorReply } from '../camunda7/errors.ts';
import { bpmnError, complete, failure } from '../camunda7/external-task/work.ts';
import { permit } from '../gate.ts';
import { digestOf, KeyedEngine, keyOf } from '../idempotency.ts';
import { isObject } from '../safe-json.ts';
import { ApiRefusal } from './errors.ts';
import { optionalText, requiredText, wrong } from './parameters.ts';

const MOST = 1_000;

interface Operation {
  readonly action: string;
  readonly handler: Handler;
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  complete: { action: 'externalTask.complete', handler: complete },
  failure: { action: 'externalTask.fail', handler: failure },
  bpmnError: { action: 'externalTask.throwError', handler: bpmnError },
};

export async function tellOutcomes(call: Call): Promise<OutcomesReply> {
  const workerId = requiredText(call.body, 'workerId');
  const { outcomes } = call.body;
  if (!Array.isArray(outcomes) || outcomes.length > MOST)
    throw wrong(`Member outcomes must be a list of at most ${MOST}.`);
  // Submitted together, so that they are synced together.
  return { answers: await Promise.all(outcomes.map((outcome, index) => tell(call, workerId, outcome, index))) };
}

async function tell(
  call: Call,
  workerId: string,
  outcome: Json,
  index: number,
): Promise<OutcomesReply['answers'][number]> {
  try {
    if (!isObject(outcome)) throw wrong('Each of outcomes must be an object.');
    const taskId = requiredText(outcome, 'taskId');
    const name = requiredText(outcome, 'operation');
    const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
    if (operation === undefined) throw wrong('Member operation must be complete, failure or bpmnError.');
    permit(call.kernel, call.request, operation.action);
    const body = isObject(outcome['body']) ? outcome['body'] : {};
    await operation.handler({
      ...call,
      engine: engineFor(call, outcome, index),
      params: { id: taskId },
      body: { ...body, workerId },
    });
    return { status: 204 };
  } catch (error) {
    if (error instanceof ApiRefusal) return { status: error.status, type: error.code, message: error.message };
    // In the words of the operation, which is one of the other face.
    const { status, body, unknown } = errorReply(error);
    if (unknown) call.log.error('rest_request_failed', `${call.request.url} failed: ${String(error)}`);
    return { status, type: body.type, message: body.message };
  }
}

/** The key is that of the outcome, which keeps it in whatever company it is sent again. */
function engineFor(call: Call, outcome: JsonObject, index: number): Call['engine'] {
  const key = optionalText(outcome, 'key');
  if (key === undefined) return call.engineFor(index);
  return new KeyedEngine(call.kernel.engine, call.request, keyOf(key), digestOf('outcome', JSON.stringify(outcome)));
}
