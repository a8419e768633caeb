/** What is said of a job: `CompleteJob`, `FailJob`, `ThrowError`, `UpdateJobRetries`, `UpdateJobTimeout`. */
import type { Json } from '@procos/kernel';
import type { JsonObject } from '../../call.ts';
import { isObject } from '../../safe-json.ts';
import { completeJob, failJob, throwJobError, updateJob } from '../job/outcome.ts';
import { readResult } from '../job/read-result.ts';
import { Members } from '../members.ts';
import type { GatewayCall } from './call.ts';
import { variablesOf } from './documents.ts';

const DONE = {};

export async function complete(call: GatewayCall): Promise<object> {
  const { message } = call;
  const result = readResult(new Members(withLists(message)).optionalMembers('result'));
  await completeJob(call, keyOf(message), variablesOf(message), result);
  return DONE;
}

export async function fail(call: GatewayCall): Promise<object> {
  const members = new Members(call.message);
  await failJob(call, keyOf(call.message), {
    retries: Math.max(0, members.whole('retries')),
    errorMessage: members.optionalText('errorMessage') || null,
    retryBackOffMs: members.whole('retryBackOff', { least: 0 }),
    variables: variablesOf(call.message),
  });
  return DONE;
}

export async function throwError(call: GatewayCall): Promise<object> {
  const members = new Members(call.message);
  await throwJobError(call, keyOf(call.message), {
    errorCode: members.text('errorCode'),
    errorMessage: members.optionalText('errorMessage') || null,
    variables: variablesOf(call.message),
  });
  return DONE;
}

export async function updateRetries(call: GatewayCall): Promise<object> {
  const retries = new Members(call.message).whole('retries', { least: 1 });
  await updateJob(call, keyOf(call.message), { retries });
  return DONE;
}

export async function updateTimeout(call: GatewayCall): Promise<object> {
  const timeoutMs = new Members(call.message).whole('timeout', { least: 1 });
  await updateJob(call, keyOf(call.message), { timeoutMs });
  return DONE;
}

function keyOf(message: JsonObject): number {
  return new Members(message).key('jobKey');
}

/** A list that may be absent is a message of its own in the protocol. */
function withLists(message: JsonObject): JsonObject {
  const { result } = message;
  if (!isObject(result) || !isObject(result['corrections'])) return message;
  const corrections = Object.entries(result['corrections']).map(([name, value]): [string, Json] => [
    name,
    isObject(value) ? (value['values'] ?? []) : value,
  ]);
  return { ...message, result: { ...result, corrections: Object.fromEntries(corrections) } };
}
