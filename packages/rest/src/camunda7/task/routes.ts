/** `/task`: work for people: list, claim, complete, its form and variables. */
import type { ProcessEngine, UserTask } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { localVariables, toVariables, visibleVariables } from '../../scopes.ts';
import { optionalFlag, optionalText } from '../body.ts';
import { definitionsOf } from '../definitions.ts';
import { notFound, RestError, refuseForbidden } from '../errors.ts';
import { formVariables } from '../form-variables.ts';
import * as by from '../list-query.ts';
import { listRoutes } from '../list-routes.ts';
import { renderedAt } from '../rendered-form.ts';
import { readVariables, writeVariables } from '../typed-values.ts';
import { variableRoutes } from '../variable-routes.ts';
import { changeRoutes } from './change.ts';
import { formRef, task } from './dto.ts';
import { linkRoutes } from './links.ts';
import { suspendedInstances, TASKS, tasksFor } from './query.ts';

export function taskRoutes(route: Declare): void {
  const list = (call: Call) => listTasks(call);
  const count = (call: Call) => by.count(call, tasksFor(call));
  listRoutes(route, '/task', 'userTask.read', { list, count, spec: TASKS, posts: 'list and count' });
  route('GET', '/task/:id', 'userTask.read', ({ engine, params }) => write(engine, [find(engine, params['id'])])[0]);
  route('POST', '/task/:id/claim', 'userTask.assign', (call) => assign(call, optionalText(call.body, 'userId'), true));
  route('POST', '/task/:id/unclaim', 'userTask.assign', (call) => assign(call, undefined, false));
  route('POST', '/task/:id/assignee', 'userTask.assign', (call) => {
    return assign(call, optionalText(call.body, 'userId'), false);
  });
  route('POST', '/task/:id/complete', 'userTask.complete', (call) => complete(call, 'Cannot complete task'));
  route('POST', '/task/:id/submit-form', 'userTask.complete', (call) =>
    complete(call, 'Cannot submit task form', true),
  );
  route('POST', '/task/:id/bpmnError', 'userTask.complete', (call) => throwFrom(call, 'error'));
  route('POST', '/task/:id/bpmnEscalation', 'userTask.complete', (call) => throwFrom(call, 'escalation'));
  route('GET', '/task/:id/form', 'userTask.read', ({ engine, params }) => {
    const row = find(engine, params['id']);
    const element = engine.model(row.definitionId)?.elements[row.elementId];
    const isGenerated =
      row.formId === null && element?.type === 'userTask' && (element.user.formFields ?? []).length > 0;
    const key = row.formKey ?? (isGenerated ? renderedAt(`task/${row.id}`) : null);
    return { key, camundaFormRef: formRef(row), contextPath: null };
  });
  route('GET', '/task/:id/form-variables', 'userTask.readVariables', (call) => {
    const { engine, params } = call;
    const { processInstanceId, elementInstanceId, definitionId, elementId } = find(engine, params['id']);
    const element = engine.model(definitionId)?.elements[elementId];
    const fields = element?.type === 'userTask' ? (element.user.formFields ?? []) : [];
    const visible = visibleVariables(engine, { processInstanceId, scopeId: elementInstanceId });
    return formVariables(call, fields, toVariables(visible));
  });
  linkRoutes(route);
  changeRoutes(route);
  for (const [path, local] of [
    ['/task/:id/variables', false],
    ['/task/:id/localVariables', true],
  ] as const) {
    variableRoutes(route, { path, name: 'task', subject: 'userTask', local, find: scopeOf, missing: missing });
  }
}

/** Also for queries that are kept as filters. */
export function listTasks(call: by.Asking & Pick<Call, 'kernel'>): readonly unknown[] {
  const rows = by.list(call, tasksFor(call));
  const isOn = (name: string) => String(call.body[name] ?? call.query[name]) === 'true';
  const written = withVariables(call.engine, rows, write(call.engine, rows), {
    visible: isOn('withTaskVariablesInReturn'),
    local: isOn('withTaskLocalVariablesInReturn'),
  });
  return isOn('withCommentAttachmentInfo') ? withNotes(call.engine, rows, written) : written;
}

/** Those that each task sees, or its own. */
function withVariables(
  engine: ProcessEngine,
  rows: readonly UserTask[],
  written: readonly Record<string, unknown>[],
  { visible, local }: { readonly visible: boolean; readonly local: boolean },
): readonly Record<string, unknown>[] {
  if (!visible && !local) return written;
  return rows.map(({ processInstanceId, elementInstanceId: scopeId }, index) => {
    const scope = { processInstanceId, scopeId };
    const variables = visible ? visibleVariables(engine, scope) : localVariables(engine, scope);
    return { ...written[index], variables: writeVariables(toVariables(variables)) };
  });
}

/** Whether anybody has said something about them, or put something to them. */
function withNotes(
  engine: ProcessEngine,
  rows: readonly UserTask[],
  written: readonly Record<string, unknown>[],
): readonly unknown[] {
  const value = [...new Set(rows.map(({ processInstanceId }) => processInstanceId))];
  const notes = engine.find('notes', { where: [{ column: 'processInstanceId', op: 'in', value }] });
  const noted = new Set(notes.map(({ kind, userTaskId }) => `${kind} ${userTaskId}`));
  return rows.map(({ id }, index) => ({
    ...written[index],
    comment: noted.has(`comment ${id}`),
    attachment: noted.has(`attachment ${id}`),
  }));
}

function missing(id: string): string {
  return `Cannot find task with id ${id}: task is null`;
}

function scopeOf(engine: ProcessEngine, id: string): { processInstanceId: number; scopeId: number } | undefined {
  const [row] = engine.find('userTasks', { where: [{ column: 'id', op: '=', value: parseId(id) }] });
  return row && { processInstanceId: row.processInstanceId, scopeId: row.elementInstanceId };
}

function find(engine: ProcessEngine, id = ''): UserTask {
  const [row] = engine.find('userTasks', { where: [{ column: 'id', op: '=', value: parseId(id) }] });
  if (row === undefined) throw notFound(`No matching task with id ${id}`);
  return row;
}

function write(engine: ProcessEngine, rows: readonly UserTask[]): readonly Record<string, unknown>[] {
  const definitions = definitionsOf(engine, rows);
  const ids = [...new Set(rows.map((row) => row.processInstanceId))];
  const suspended = new Set(rows.length === 0 ? [] : suspendedInstances(engine, ids));
  return rows.map((row) => task(row, definitions, suspended.has(row.processInstanceId)));
}

/** `errorCode`/`escalationCode`, `errorMessage`, `variables`. */
async function throwFrom(
  { engine, params, body, by: subject }: Call,
  what: 'error' | 'escalation',
): Promise<undefined> {
  const code = optionalText(body, `${what}Code`) ?? '';
  const outcome = await engine.submit(
    {
      type: 'throwFromUserTask',
      userTaskId: parseId(params['id'] ?? ''),
      what,
      code,
      message: optionalText(body, 'errorMessage') ?? null,
      variables: readVariables(body['variables']),
    },
    subject,
  );
  if (outcome.ok) return undefined;
  refuseForbidden(outcome.rejection);
  if (outcome.rejection.code === 'NOT_FOUND') throw notFound(`Cannot find task with id ${params['id']}: task is null`);
  throw new RestError(400, 'BadUserRequestException', outcome.rejection.message);
}

async function assign(
  { engine, params, by: subject }: Call,
  userId: string | undefined,
  claim: boolean,
): Promise<undefined> {
  const id = params['id'] ?? '';
  const outcome = await engine.submit(
    { type: 'assignUserTask', userTaskId: parseId(id), assignee: userId ?? null, claim: claim && userId !== undefined },
    subject,
  );
  if (outcome.ok) return undefined;
  refuseForbidden(outcome.rejection);
  switch (outcome.rejection.code) {
    case 'NOT_FOUND':
      throw new RestError(500, 'NullValueException', missing(id));
    case 'ALREADY_CLAIMED':
      throw new RestError(500, 'TaskAlreadyClaimedException', `Task '${id}' is already claimed by someone else.`);
    default:
      throw new RestError(500, 'ProcessEngineException', outcome.rejection.message);
  }
}

async function complete({ engine, params, body, by: subject }: Call, prefix: string, form = false): Promise<unknown> {
  const id = params['id'] ?? '';
  const variables = readVariables(body['variables']);
  const outcome = await engine.submit(
    { type: 'completeUserTask', userTaskId: parseId(id), variables, ...(form ? { form } : {}) },
    subject,
  );
  if (!outcome.ok) {
    refuseForbidden(outcome.rejection);
    const { code, message } = outcome.rejection;
    const status = code === 'INVALID_ARGUMENT' ? 400 : 500;
    throw new RestError(status, 'RestException', `${prefix} ${id}: ${code === 'NOT_FOUND' ? missing(id) : message}`);
  }
  return optionalFlag(body, 'withVariablesInReturn') ? writeVariables(outcome.value.variables) : undefined;
}
