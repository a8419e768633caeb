/** `/history/detail`: every value that a variable has had. */
import { type LogRecord, measure, type Variable, variableId } from '@procos/kernel';
import type { Call, Declare } from '../../../call.ts';
import { formatDate } from '../../dates.ts';
import { notFound } from '../../errors.ts';
import { textOf, textsOf } from '../../list-query.ts';
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
  isInside: true,
  parameters: {
    processInstanceId: of.is(({ processInstanceId }) => processInstanceId),
    processInstanceIdIn: of.isAmong(({ processInstanceId }) => processInstanceId),
    executionId: of.is(({ scopeId }) => scopeId),
    activityInstanceId: of.is(({ scopeId }) => scopeId),
    taskId: of.is(({ taskId }) => taskId),
    variableInstanceId: of.is(({ variableInstanceId }) => variableInstanceId),
    variableTypeIn: (parameter) => {
      const asked = new Set(textsOf(parameter).map((type) => type.toLowerCase()));
      return ({ variable }) => asked.has(variable.type.toLowerCase());
    },
    variableNameLike: (parameter) => {
      const lower = { ...parameter, value: textOf(parameter).toLowerCase() };
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
  weight: ({ variable }) => measure(variable.value).size,
  reader(known) {
    const living = new Map<number, Seen>();
    return (record) => read(record, living, known);
  },
};

/** Of one process instance, as long as it lives. */
interface Seen {
  /** By scope and name. */
  readonly variables: Map<string, { readonly id: number; readonly revision: number }>;
  /** User tasks by their scope. */
  readonly tasks: Map<number, number>;
  /** Ids of the variables that are still told; null: none can have been deleted, since what is over lies in the log alone. */
  readonly kept: ReadonlySet<number> | null;
}

function read({ events, sequence, at }: LogRecord, living: Map<number, Seen>, known: Known): readonly Update[] {
  const found: Update[] = [];
  const seenIn = (id: number): Seen => {
    const seen = living.get(id) ?? { variables: new Map(), tasks: new Map(), kept: keptOf(known, id) };
    living.set(id, seen);
    return seen;
  };
  // A task may get its own variables before it is there.
  for (const event of events)
    if (event.type === 'userTaskCreated')
      seenIn(event.task.processInstanceId).tasks.set(event.task.elementInstanceId, event.task.id);
  let position = 0;
  for (const event of events) {
    if (event.type === 'variablesRemoved') {
      const { variables } = seenIn(event.processInstanceId);
      for (const name of event.names) variables.delete(`${event.scopeId} ${name}`);
    }
    if (event.type === 'processInstanceCompleted' || event.type === 'processInstanceEnded')
      living.delete(event.processInstanceId);
    if (event.type !== 'variablesSet') continue;
    const { processInstanceId, scopeId } = event;
    const { variables, tasks, kept } = seenIn(processInstanceId);
    for (const [name, variable] of Object.entries(event.variables)) {
      const id = `${sequence}.${position}`;
      const newId = variableId(sequence, position);
      position += 1;
      // What lived for one command only is in no history.
      if (variable.info?.transient === true) continue;
      const key = `${scopeId} ${name}`;
      const before = variables.get(key);
      const now = { id: before?.id ?? newId, revision: (before?.revision ?? -1) + 1 };
      variables.set(key, now);
      if (kept?.has(now.id) === false) continue;
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
        taskId: tasks.get(scopeId) ?? null,
        shared: ofInstance(known.instance(processInstanceId)),
      });
    }
  }
  return found;
}

function keptOf(known: Known, processInstanceId: number): ReadonlySet<number> | null {
  const instance = known.instance(processInstanceId);
  if (instance === undefined || instance.keptIn !== undefined) return null;
  const where = [{ column: 'processInstanceId', op: '=', value: processInstanceId }] as const;
  return new Set(known.engine.find('variables', { where }).map(({ id }) => id));
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
