/**
 * What a worker says about a task that it holds: complete, failure, bpmnError, and its lock. Camunda knows the holder by
 * `workerId` only. Here a worker may also send the `lockCount` that it was given with the task (not in Camunda's API): then
 * what it says counts under that very lock only, also when the same worker has got the task again since.
 */
import type { AiUsage, CommandOf, CommandType, Rejection } from '@procos/kernel';
import type { Call, JsonObject } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { optionalObject, optionalText, optionalWhole } from '../body.ts';
import { RestError, rejected } from '../errors.ts';
import { readVariables } from '../typed-values.ts';
import { readResult } from './result.ts';

export async function complete(call: Call): Promise<undefined> {
  const { variables, localVariables } = call.body;
  return hand(
    call,
    (id, workerId) => ({
      type: 'completeExternalTask',
      externalTaskId: id,
      workerId,
      variables: readVariables(variables),
      localVariables: readVariables(localVariables, 'localVariables'),
      ...readResult(call.body['result']),
      ...readUsage(call.body),
    }),
    (id, worker) => `External Task ${id} cannot be completed by worker '${worker}`,
  );
}

/** What the task of an AI worker has used (not in Camunda's API). */
function readUsage(body: JsonObject): { readonly usage?: AiUsage } {
  const usage = optionalObject(body, 'usage');
  if (usage === undefined) return {};
  const { inputTokens, outputTokens, cost = 0, model = '' } = usage;
  if (![inputTokens, outputTokens, cost].every(Number.isSafeInteger) || typeof model !== 'string')
    throw badUser('usage must have inputTokens and outputTokens, and may have cost (in millionths) and model');
  return { usage: { inputTokens, outputTokens, cost, model } as AiUsage };
}

export async function failure(call: Call): Promise<undefined> {
  const { body } = call;
  const retries = optionalWhole(body, 'retries') ?? 0;
  const retryAfterMs = optionalWhole(body, 'retryTimeout') ?? 0;
  if (retries < 0) throw badUser('The number of retries cannot be negative');
  if (retryAfterMs < 0) throw badUser('retryTimeout cannot be negative');
  return hand(
    call,
    (id, workerId) => ({
      type: 'failExternalTask',
      externalTaskId: id,
      workerId,
      errorMessage: optionalText(body, 'errorMessage') ?? null,
      errorDetails: optionalText(body, 'errorDetails') ?? null,
      retries,
      retryAfterMs,
      variables: readVariables(body['variables']),
      localVariables: readVariables(body['localVariables'], 'localVariables'),
    }),
    (id, worker) => `Failure of External Task ${id} cannot be reported by worker '${worker}`,
  );
}

export async function bpmnError(call: Call): Promise<undefined> {
  const { body } = call;
  const errorCode = optionalText(body, 'errorCode');
  if (errorCode === undefined || errorCode === '') throw badUser('errorCode is empty');
  return hand(
    call,
    (id, workerId) => ({
      type: 'throwBpmnError',
      externalTaskId: id,
      workerId,
      errorCode,
      errorMessage: optionalText(body, 'errorMessage') ?? null,
      variables: readVariables(body['variables']),
    }),
    (id, worker) => `Bpmn error of External Task ${id} cannot be reported by worker '${worker}`,
  );
}

export async function extendLock(call: Call): Promise<undefined> {
  const lockMs = positive(call.body, 'newDuration', 'lockDuration');
  return hand(
    call,
    (id, workerId) => ({ type: 'extendLock', externalTaskId: id, workerId, lockMs }),
    // The doubled quote is Camunda's.
    (id, worker) => `The lock of the External Task ${id} cannot be extended by worker '${worker}'`,
  );
}

export async function lock(call: Call): Promise<undefined> {
  const lockMs = positive(call.body, 'lockDuration', 'lockDuration');
  return hand(
    call,
    (id, workerId) => ({ type: 'lockExternalTask', externalTaskId: id, workerId, lockMs }),
    (id, worker) => `External Task ${id} cannot be locked by worker '${worker}`,
  );
}

export async function unlock({ engine, params, body, by }: Call): Promise<undefined> {
  const id = params['id'] ?? '';
  const command = { type: 'unlockExternalTask', externalTaskId: parseId(id), ...fencingToken(body) } as const;
  const outcome = await engine.submit(command, by);
  if (!outcome.ok) throw refusal(outcome.rejection, id);
  return undefined;
}

function fencingToken(body: JsonObject): { readonly lockCount?: number } {
  const lockCount = optionalWhole(body, 'lockCount');
  return lockCount === undefined ? {} : { lockCount };
}

type WorkCommand = Extract<
  CommandType,
  'completeExternalTask' | 'failExternalTask' | 'throwBpmnError' | 'extendLock' | 'lockExternalTask'
>;

async function hand<T extends WorkCommand>(
  { engine, params, body, by }: Call,
  command: (id: number, workerId: string) => CommandOf<T>,
  wrongWorker: (id: string, workerId: string) => string,
): Promise<undefined> {
  const id = params['id'] ?? '';
  const workerId = optionalText(body, 'workerId');
  if (workerId === undefined) throw new RestError(500, 'NullValueException', 'workerId is null');
  const outcome = await engine.submit({ ...command(parseId(id), workerId), ...fencingToken(body) }, by);
  if (!outcome.ok) throw refusal(outcome.rejection, id, workerId, wrongWorker);
  return undefined;
}

/** `wrongWorker`: how Camunda begins when the worker is not the holder. */
function refusal(
  rejection: Rejection,
  id: string,
  workerId?: string,
  wrongWorker?: (id: string, workerId: string) => string,
): RestError {
  switch (rejection.code) {
    case 'NOT_FOUND':
      return taskNotFound(id);
    case 'NOT_LOCKED_BY_WORKER': {
      const holder = rejection.details?.['holder'] ?? null;
      if (workerId === undefined || wrongWorker === undefined || holder === workerId) return badUser(rejection.message);
      return badUser(`${wrongWorker(id, workerId)}'. It is locked by worker '${holder}'.`);
    }
    case 'LOCK_EXPIRED':
      return badUser(`Cannot extend a lock that expired: external task ${id}`);
    default:
      return rejected(rejection);
  }
}

export function taskNotFound(id: string): RestError {
  return new RestError(404, 'RestException', `External task with id ${id} does not exist`);
}

function badUser(message: string): RestError {
  return new RestError(400, 'RestException', message);
}

function positive(body: JsonObject, member: string, shown: string): number {
  const value = optionalWhole(body, member) ?? 0;
  if (value <= 0) throw badUser(`${shown} is not greater than 0`);
  return value;
}
