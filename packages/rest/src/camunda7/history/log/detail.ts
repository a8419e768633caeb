/** `/history/detail`: every value that a variable has had. */
import { type LogRecord, type Variable, variableId } from '@procos/kernel';
import type { Call, Declare } from '../../../call.ts';
import { formatDate } from '../../dates.ts';
import { notFound } from '../../errors.ts';
import type { Parameter } from '../../list-query.ts';
import { listRoutes } from '../../list-routes.ts';
import * as of from '../../memory-list.ts';
import { writeVariable } from '../../typed-values.ts';
import { variableData } from '../../variable-data.ts';
import { countLog, type Entry, findEntry, type Known, type LogSpec, listLog } from './reader.ts';
import { ofInstance } from './shared.ts';

interface Update extends Entry {
  readonly processInstanceId: number;
  readonly scopeId: number;
  readonly name: string;
  readonly variable: Variable;
  readonly variableInstanceId: number;
  /** Counts the values that the variable had before. */
  readonly revision: number;
  /** Where the scope is that of a user task. */
  readonly taskId: number | null;
  readonly shared: Readonly<Record<string, string | null>>;
}

const DETAILS: LogSpec<Update> = {
  parameters: {
    processInstanceId: of.is(({ processInstanceId }) => processInstanceId),
    processInstanceIdIn: of.isAmong(({ processInstanceId }) => processInstanceId),
    executionId: of.is(({ scopeId }) => scopeId),
    activityInstanceId: of.is(({ scopeId }) => scopeId),
    taskId: of.is(({ taskId }) => taskId),
    variableInstanceId: of.is(({ variableInstanceId }) => variableInstanceId),
    variableTypeIn: (parameter) => {
      const asked = typesOf(parameter);
      return ({ variable }) => asked.has(variable.type.toLowerCase());
    },
    variableNameLike: (parameter) => {
      const lower = { ...parameter, value: String(parameter.value).toLowerCase() };
      return of.isLike<Update>(({ name }) => name.toLowerCase())(lower);
    },
    // What was submitted by a form is told as the variables that it has set.
    formFields: of.when(() => false),
    variableUpdates: of.when(() => true),
    excludeTaskDetails: (parameter) =>
      parameter.asked.has('taskId') ? undefined : of.when<Update>(({ taskId }) => taskId === null)(parameter),
    initial: of.when(({ revision }) => revision === 0),
    occurredBefore: of.before(({ at }) => at),
    occurredAfter: of.after(({ at }) => at),
    userOperationId: of.none(),
    caseInstanceId: of.none(),
    caseExecutionId: of.none(),
    ...of.tenant(({ shared }) => shared['tenantId'] ?? null),
  },
  sortBy: {
    processInstanceId: ({ processInstanceId }) => processInstanceId,
    variableName: ({ name }) => name,
    variableType: ({ variable }) => variable.type,
    variableRevision: ({ revision }) => revision,
    formPropertyId: () => null,
    time: ({ sequence }) => sequence,
    occurrence: ({ sequence }) => sequence,
    tenantId: ({ shared }) => shared['tenantId'] ?? null,
  },
  reader(known) {
    const seen: Seen = { variables: new Map(), tasks: new Map(), kept: new Map() };
    return (record) => read(record, seen, known);
  },
};

function typesOf({ value }: Parameter): ReadonlySet<string> {
  const list = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value.map(String) : [];
  return new Set(list.map((type) => type.toLowerCase()));
}

interface Seen {
  /** By scope and name. */
  readonly variables: Map<string, { readonly id: number; revision: number }>;
  readonly tasks: Map<number, number>;
  /** Of instances from which variables may have been deleted: the ids of those that are still told. */
  readonly kept: Map<number, ReadonlySet<number> | null>;
}

function read({ events, sequence, at }: LogRecord, seen: Seen, known: Known): readonly Update[] {
  const found: Update[] = [];
  let position = 0;
  // A task may get its own variables before it is there.
  for (const event of events)
    if (event.type === 'userTaskCreated') seen.tasks.set(event.task.elementInstanceId, event.task.id);
  for (const event of events) {
    if (event.type === 'variablesRemoved')
      for (const name of event.names) seen.variables.delete(`${event.scopeId} ${name}`);
    if (event.type !== 'variablesSet') continue;
    const { processInstanceId, scopeId } = event;
    for (const [name, variable] of Object.entries(event.variables)) {
      const key = `${scopeId} ${name}`;
      const before = seen.variables.get(key);
      const now = { id: before?.id ?? variableId(sequence, position), revision: (before?.revision ?? -1) + 1 };
      seen.variables.set(key, now);
      const id = `${sequence}.${position}`;
      position += 1;
      if (keptOf(seen, known, processInstanceId)?.has(now.id) === false) continue;
      found.push({
        id,
        at,
        sequence,
        processInstanceId,
        scopeId,
        name,
        variable,
        variableInstanceId: now.id,
        revision: now.revision,
        taskId: seen.tasks.get(scopeId) ?? null,
        shared: ofInstance(known.instance(processInstanceId)),
      });
    }
  }
  return found;
}

/** null: none can have been deleted, since what is over lies in the log alone. */
function keptOf({ kept }: Seen, known: Known, processInstanceId: number): ReadonlySet<number> | null {
  const before = kept.get(processInstanceId);
  if (before !== undefined) return before;
  const where = [{ column: 'processInstanceId', op: '=', value: processInstanceId }] as const;
  const instance = known.instance(processInstanceId);
  const hasRows = instance !== undefined && instance.keptIn === undefined;
  const ids = hasRows ? new Set(known.engine.find('variables', { where }).map(({ id }) => id)) : null;
  kept.set(processInstanceId, ids);
  return ids;
}

export function historicDetailRoutes(route: Declare): void {
  const list = async (call: Call) => (await listLog(call, DETAILS)).map(write);
  const count = (call: Call) => countLog(call, DETAILS);
  listRoutes(route, '/history/detail', 'history.read', { list, count, spec: DETAILS, posts: 'list' });
  route('GET', '/history/detail/:id', 'history.read', async (call) => write(await find(call)));
  route('GET', '/history/detail/:id/data', 'history.read', async (call) => {
    const { variable, name } = await find(call);
    return variableData(call, variable, name);
  });
}

async function find(call: Call): Promise<Update> {
  const id = call.params['id'] ?? '';
  const found = await findEntry(call, DETAILS, id);
  if (found === undefined) throw notFound(`Historic detail with Id '${id}' does not exist.`);
  return found;
}

function write(update: Update): Record<string, unknown> {
  const { type: variableType, value, valueInfo } = writeVariable(update.variable);
  return {
    ...update.shared,
    id: update.id,
    type: 'variableUpdate',
    activityInstanceId: String(update.scopeId),
    executionId: String(update.scopeId),
    caseDefinitionKey: null,
    caseDefinitionId: null,
    caseInstanceId: null,
    caseExecutionId: null,
    taskId: update.taskId === null ? null : String(update.taskId),
    userOperationId: null,
    time: formatDate(update.at),
    removalTime: null,
    variableName: update.name,
    variableInstanceId: String(update.variableInstanceId),
    variableType,
    value,
    valueInfo,
    initial: update.revision === 0,
    revision: update.revision,
    errorMessage: null,
  };
}
