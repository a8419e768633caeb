/** `POST /external-task/fetchAndLock`: parses, waits as long as asked, shapes the locked tasks. */
import type { CommandOf, Json, LockedTask, TopicRequest } from '@procos/kernel';
import type { Call, JsonObject } from '../../call.ts';
import { stepAside } from '../../door.ts';
import { goneOrClosing } from '../../gone.ts';
import { isObject } from '../../safe-json.ts';
import {
  optionalFlag,
  optionalList,
  optionalObject,
  optionalText,
  optionalTexts,
  optionalWhole,
  shown,
} from '../body.ts';
import { formatDate } from '../dates.ts';
import { definitionIdOf } from '../definitions.ts';
import { invalid, RestError, rejected } from '../errors.ts';
import { writeVariables } from '../typed-values.ts';

/** Longest wait that a client may ask for, ms (Camunda's own limit). */
const LONGEST_WAIT_MS = 1_800_000;

export async function fetchAndLock(call: Call): Promise<unknown> {
  const { body, engine } = call;
  const waitMs = optionalWhole(body, 'asyncResponseTimeout') ?? 0;
  if (waitMs > LONGEST_WAIT_MS) {
    throw invalid(
      `The asynchronous response timeout cannot be set to a value greater than ${LONGEST_WAIT_MS} milliseconds`,
    );
  }
  const command = readCommand(body);
  // It is counted by the kernel: in its queue, then among those who wait.
  if (waitMs > 0) stepAside(call.request.raw);
  const signal = goneOrClosing(call);
  const outcome = await engine.fetchAndLock(command, call.by, { waitMs: Math.max(0, waitMs), signal });
  if (!outcome.ok) throw rejected(outcome.rejection);
  const withProperties = new Set(
    command.topics.filter((topic) => topic.includeExtensionProperties).map((topic) => topic.topic),
  );
  return outcome.value.tasks.map((locked) => lockedTask(locked, withProperties.has(locked.task.topic)));
}

function readCommand(body: JsonObject): CommandOf<'fetchAndLock'> {
  const workerId = optionalText(body, 'workerId');
  if (workerId === undefined) throw new RestError(500, 'NullValueException', 'workerId is null');
  const maxTasks = optionalWhole(body, 'maxTasks') ?? 0;
  if (maxTasks < 0) throw new RestError(500, 'ProcessEngineException', 'maxResults is not greater than or equal to 0');
  const createTimeOrder = readSorting(body);
  return {
    type: 'fetchAndLock',
    workerId,
    maxTasks,
    usePriority: optionalFlag(body, 'usePriority') ?? false,
    topics: (optionalList(body, 'topics') ?? []).map(readTopic),
    ...(createTimeOrder ? { createTimeOrder } : {}),
  };
}

function readSorting(body: JsonObject): 'asc' | 'desc' | undefined {
  const [first] = optionalList(body, 'sorting') ?? [];
  if (first === undefined) return undefined;
  const { sortBy, sortOrder } = isObject(first) ? first : {};
  if (sortBy !== 'createTime') throw invalid(`Cannot set query sortBy parameter to value ${shown(sortBy)}`);
  if (sortOrder !== 'asc' && sortOrder !== 'desc') {
    throw invalid(`Cannot set query sortOrder parameter to value ${shown(sortOrder)}`);
  }
  return sortOrder;
}

function readTopic(item: Json): TopicRequest {
  if (!isObject(item)) throw invalid("Each of 'topics' must be an object");
  const topic = optionalText(item, 'topicName');
  if (topic === undefined) throw new RestError(500, 'NullValueException', 'topicName is null');
  const lockMs = optionalWhole(item, 'lockDuration') ?? 0;
  if (lockMs <= 0) throw new RestError(500, 'ProcessEngineException', 'lockTime is not greater than 0');
  return {
    topic,
    lockMs,
    ...defined('variables', optionalTexts(item, 'variables')),
    ...defined('localVariables', optionalFlag(item, 'localVariables')),
    ...defined('businessKey', optionalText(item, 'businessKey')),
    ...defined('definitionIds', union(item, 'processDefinitionId', 'processDefinitionIdIn')?.map(definitionIdOf)),
    ...defined('bpmnProcessIds', union(item, 'processDefinitionKey', 'processDefinitionKeyIn')),
    ...defined('versionTag', optionalText(item, 'processDefinitionVersionTag')),
    ...defined('withoutTenantId', optionalFlag(item, 'withoutTenantId')),
    ...defined('tenantIds', optionalTexts(item, 'tenantIdIn')),
    ...defined('processVariables', readProcessVariables(item)),
    ...defined('includeExtensionProperties', optionalFlag(item, 'includeExtensionProperties')),
  };
}

/** Both members given: a task must fit both. */
function union(item: JsonObject, one: string, many: string): readonly string[] | undefined {
  const single = optionalText(item, one);
  const list = optionalTexts(item, many);
  if (single === undefined) return list;
  return list === undefined || list.includes(single) ? [single] : [];
}

function readProcessVariables(item: JsonObject): JsonObject | undefined {
  const variables = optionalObject(item, 'processVariables');
  if (variables && Object.values(variables).some((value) => typeof value === 'object' && value !== null)) {
    throw new RestError(500, 'ProcessEngineException', 'Object values cannot be used to query');
  }
  return variables;
}

function defined<K extends string, V>(name: K, value: V | undefined): { readonly [key in K]?: V } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [key in K]?: V };
}

function lockedTask(locked: LockedTask, withProperties: boolean): Record<string, unknown> {
  const { task } = locked;
  return {
    activityId: task.elementId,
    activityInstanceId: String(task.elementInstanceId),
    errorMessage: task.errorMessage,
    errorDetails: task.errorDetails,
    executionId: String(task.elementInstanceId),
    id: String(task.id),
    lockExpirationTime: formatDate(task.availableAt),
    createTime: formatDate(task.createdAt),
    processDefinitionId: `${task.bpmnProcessId}:${locked.definitionVersion}:${task.definitionId}`,
    processDefinitionKey: task.bpmnProcessId,
    processDefinitionVersionTag: locked.versionTag,
    processInstanceId: String(task.processInstanceId),
    retries: task.retries,
    suspended: false,
    workerId: task.workerId,
    lockCount: task.lockCount,
    ...(locked.aiBudget === undefined ? {} : { aiBudget: locked.aiBudget }),
    topicName: task.topic,
    tenantId: task.tenantId,
    variables: writeVariables(locked.variables),
    priority: task.priority,
    businessKey: task.businessKey,
    extensionProperties: withProperties ? locked.headers : {},
    // Not in Camunda's API: what the process may use, where it does not say everything.
    ...defined('capabilities', locked.capabilities),
  };
}
