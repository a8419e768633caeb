/** `/user-tasks`. */
import type { VariableView } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { invalid, notFound } from '../errors.ts';
import { formAnswer } from '../form/forms.ts';
import { readKey } from '../keys.ts';
import { Members } from '../members.ts';
import { among } from '../search/filter.ts';
import { readSearch, refuseOthers } from '../search/request.ts';
import { answer } from '../search/routes.ts';
import { pageOf, readFilters, search, sift, valuesOf } from '../search/search.ts';
import { isTruncating, VARIABLES, writeVariables } from '../search/variables.ts';
import { readVariables } from '../variables.ts';
import { assignUserTask, type Changes, completeUserTask, updateUserTask } from './change.ts';
import { formsOf } from './form.ts';
import { searchUserTasks } from './search.ts';
import { findTask, scopesOf, type TaskRow } from './task-rows.ts';
import { writeUserTasks } from './write.ts';

export function userTaskRoutes(route: Declare): void {
  const one = '/user-tasks/:userTaskKey';
  route('POST', '/user-tasks/search', 'userTask.read', (call) => answer(call, searchUserTasks(call), writeUserTasks));
  route('GET', one, 'userTask.read', (call) => writeUserTasks(call.engine, [theTask(call)])[0]);
  route('PATCH', one, 'userTask.assign', (call) => updateUserTask(call, keyIn(call), readChanges(call)));
  route('POST', `${one}/completion`, 'userTask.complete', (call) => {
    refuseOthers(call.body, ['variables', 'action'], '');
    return completeUserTask(call, keyIn(call), readVariables(call.body['variables']));
  });
  route('POST', `${one}/assignment`, 'userTask.assign', (call) => {
    refuseOthers(call.body, ['assignee', 'allowOverride', 'action'], '');
    const members = new Members(call.body);
    const mayOverride = members.optionalFlag('allowOverride') ?? true;
    return assignUserTask(call, keyIn(call), members.text('assignee'), !mayOverride);
  });
  route('DELETE', `${one}/assignee`, 'userTask.assign', (call) => assignUserTask(call, keyIn(call), null, false));
  route('GET', `${one}/form`, 'userTask.read', (call) => {
    const form = formsOf(call.engine)(theTask(call));
    return form && formAnswer(form);
  });
  route('POST', `${one}/variables/search`, 'userTask.readVariables', (call) => {
    const task = theTask(call);
    const truncate = isTruncating(call);
    return answer(call, search(call.engine, call.body, BY_NAME, { where: seenBy(call, task) }), (engine, rows) =>
      writeVariables(engine, rows, truncate),
    );
  });
  route('POST', `${one}/effective-variables/search`, 'userTask.readVariables', effectiveVariables);
}

/** The scopes are those of the task: of the filters only the name is left. */
const BY_NAME = {
  ...VARIABLES,
  filters: { name: VARIABLES.filters['name'] as NonNullable<(typeof VARIABLES.filters)[string]> },
};

function keyIn({ params }: Call): number {
  return readKey(params['userTaskKey'], 'userTaskKey');
}

function theTask(call: Call): TaskRow {
  const task = findTask(call.engine, keyIn(call));
  if (task === undefined) throw notFound(`User Task with key '${call.params['userTaskKey']}' not found`);
  return task;
}

function seenBy({ engine }: Call, task: TaskRow) {
  return [
    { column: 'processInstanceId', op: '=', value: task.processInstanceId },
    among<VariableView>('scopeId', scopesOf(engine, task)),
  ] as const;
}

/** Of one name the innermost. */
function effectiveVariables(call: Call): unknown {
  const { engine, body } = call;
  const truncate = isTruncating(call);
  const task = theTask(call);
  const request = readSearch(body, Object.keys(BY_NAME.sorts));
  const filters = readFilters(engine, request.filter, BY_NAME);
  const scopes = scopesOf(engine, task);
  const seen = new Map<string, VariableView>();
  const all = sift(engine.find('variables', { where: seenBy(call, task) }), filters);
  for (const row of all.toSorted((left, right) => scopes.indexOf(right.scopeId) - scopes.indexOf(left.scopeId)))
    seen.set(row.name, row);
  const found = pageOf([...seen.values()], request, (rows) => valuesOf(rows, request.sort, BY_NAME.sorts, engine));
  return answer(call, found, (_engine, rows) => writeVariables(engine, rows, truncate));
}

/** Camunda 8's priorities; the kernel knows no bounds. */
const PRIORITIES = { least: 0, most: 100 } as const;

function readChanges({ body }: Call): Changes {
  refuseOthers(body, ['changeset', 'action'], '');
  const members = new Members(body);
  const changes = members.optionalMembers('changeset');
  const { candidateUsers, candidateGroups, dueAt, followUpAt, priority } = {
    candidateUsers: changes?.optionalTexts('candidateUsers'),
    candidateGroups: changes?.optionalTexts('candidateGroups'),
    dueAt: changes && dateIn(changes, 'dueDate'),
    followUpAt: changes && dateIn(changes, 'followUpDate'),
    priority: changes?.optionalWhole('priority', PRIORITIES),
  };
  const read: Changes = {
    ...(candidateUsers === undefined ? {} : { candidateUsers }),
    ...(candidateGroups === undefined ? {} : { candidateGroups }),
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(followUpAt === undefined ? {} : { followUpAt }),
    ...(priority === undefined ? {} : { priority }),
  };
  if (Object.keys(read).length === 0 && !members.has('action'))
    throw invalid(
      "No update data provided: give an 'action', or a 'changeset' with candidateUsers, candidateGroups, dueDate, followUpDate or priority",
    );
  return read;
}

/** Empty text takes the date away. */
function dateIn(changes: Members, name: string): number | null | undefined {
  return changes.raw(name) === '' ? null : changes.optionalDate(name);
}
