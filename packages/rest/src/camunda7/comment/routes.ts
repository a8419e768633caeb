/** Comments on tasks and on process instances; those on a task are found at its instance too. */
import type { CommandOf, Note, ProcessEngine } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { findTask } from '../../user-tasks.ts';
import { userOf } from '../asker.ts';
import { optionalText } from '../body.ts';
import { formatDate } from '../dates.ts';
import { invalid, RestError, refuseForbidden, rejected } from '../errors.ts';
import { selfLink } from '../links.ts';

type Comment = Extract<Note, { readonly kind: 'comment' }>;

/** Whose comments a path is about. */
interface Place {
  readonly path: string;
  /** Its comments, the newest first; throws 404 where there is and was no such thing. */
  readonly commentsOf: (engine: ProcessEngine, id: string) => readonly Comment[];
}

const OF_TASK: Place = {
  path: '/task/:id/comment',
  commentsOf(engine, id) {
    const processInstanceId = findTask(engine, parseId(id))?.processInstanceId;
    const comments = commentsWhere(engine, { userTaskId: parseId(id), processInstanceId });
    if (comments.length === 0 && processInstanceId === undefined) throw missing(`No task found for task id ${id}`);
    return comments;
  },
};

const OF_INSTANCE: Place = {
  path: '/process-instance/:id/comment',
  commentsOf(engine, id) {
    const processInstanceId = parseId(id);
    const where = [{ column: 'id', op: '=', value: processInstanceId }] as const;
    if (engine.count('processInstances', { where }) === 0)
      throw missing(`No process instance found for process instance id ${id}`);
    return commentsWhere(engine, { processInstanceId });
  },
};

export function commentRoutes(route: Declare): void {
  for (const { path, commentsOf } of [OF_TASK, OF_INSTANCE]) {
    route('GET', path, 'userTask.read', (call) => {
      return commentsOf(call.engine, call.params['id'] ?? '').map((comment) => dto(call, comment));
    });
    route('PUT', path, 'userTask.comment', async (call) => {
      const message = requiredMessage(call);
      const comment = find(call, commentsOf, optionalText(call.body, 'id') ?? '', 400);
      return submit(call, { type: 'changeComment', noteId: comment, text: message });
    });
    route('DELETE', path, 'userTask.comment', async (call) => {
      const noteIds = call.repeated ? [] : all(call, commentsOf, 400).map(({ id }) => id);
      return submit(call, { type: 'removeNotes', noteIds });
    });
    route('DELETE', `${path}/:commentId`, 'userTask.comment', async (call) => {
      const comment = find(call, commentsOf, call.params['commentId'] ?? '', 400);
      return submit(call, { type: 'removeNotes', noteIds: [comment] });
    });
  }
  route('GET', '/task/:id/comment/:commentId', 'userTask.read', (call) => {
    const { id = '', commentId = '' } = call.params;
    const comment = OF_TASK.commentsOf(call.engine, id).find((one) => String(one.id) === commentId);
    if (comment === undefined) throw missing(`Task comment with id ${commentId} does not exist for task id '${id}'.`);
    return dto(call, comment);
  });
  route('POST', '/task/:id/comment/create', 'userTask.comment', create);
}

/** Camunda takes the instance's id too; a comment stands by the task. */
async function create(call: Call): Promise<unknown> {
  const { engine, params, by } = call;
  const id = params['id'] ?? '';
  const text = requiredMessage(call);
  const note = { kind: 'comment', text } as const;
  const author = userOf(call);
  const outcome = await engine.submit({ type: 'addNote', on: { userTaskId: parseId(id) }, by: author, note }, by);
  if (!outcome.ok) {
    refuseForbidden(outcome.rejection);
    const { code, message } = outcome.rejection;
    const said = code === 'NOT_FOUND' ? `No task found for task id ${id}` : message;
    throw new RestError(400, 'InvalidRequestException', `Not enough parameters submitted: ${said}`, { code: null });
  }
  const { noteId, createdAt } = outcome.value;
  const processInstanceId = findTask(engine, parseId(id))?.processInstanceId ?? 0;
  return dto(call, { id: noteId, processInstanceId, userTaskId: parseId(id), createdAt, by: author, ...note });
}

function requiredMessage({ body }: Call): string {
  const message = optionalText(body, 'message');
  if (message === undefined || message === '') throw invalid('No comment message submitted: give a message');
  return message;
}

/** The id of the comment; what was there when the request came the first time need not be there any more. */
function find(call: Call, commentsOf: Place['commentsOf'], commentId: string, status: number): number {
  const id = parseId(commentId);
  if (call.repeated || all(call, commentsOf, status).some((comment) => comment.id === id)) return id;
  throw new RestError(status, 'InvalidRequestException', `No comment exists with commentId: ${commentId}`, {
    code: null,
  });
}

function all({ engine, params }: Call, commentsOf: Place['commentsOf'], status: number): readonly Comment[] {
  try {
    return commentsOf(engine, params['id'] ?? '');
  } catch (error) {
    if (!(error instanceof RestError) || error.status === status) throw error;
    throw new RestError(status, error.type, error.message, { code: error.code });
  }
}

function commentsWhere(
  engine: ProcessEngine,
  ids: { readonly processInstanceId?: number | undefined; readonly userTaskId?: number },
): readonly Comment[] {
  const where = Object.entries(ids).flatMap(([column, value]) =>
    value === undefined ? [] : [{ column: column as keyof typeof ids, op: '=', value } as const],
  );
  return engine
    .find('notes', { where, orderBy: [{ column: 'id', descending: true }] })
    .filter((note) => note.kind === 'comment');
}

async function submit(
  { engine, by }: Call,
  command: CommandOf<'changeComment'> | CommandOf<'removeNotes'>,
): Promise<undefined> {
  const outcome = await engine.submit<typeof command.type>(command, by);
  if (!outcome.ok) throw rejected(outcome.rejection);
  return undefined;
}

function missing(message: string): RestError {
  return new RestError(404, 'InvalidRequestException', message, { code: null });
}

function dto(call: Call, { id, by, userTaskId, processInstanceId, createdAt, text }: Comment): Record<string, unknown> {
  const [instance] = call.engine.find('processInstances', {
    where: [{ column: 'id', op: '=', value: processInstanceId }],
  });
  return {
    links: userTaskId === null ? [] : selfLink(call, `/task/${userTaskId}/comment/${id}`),
    id: String(id),
    userId: by,
    time: formatDate(createdAt),
    taskId: userTaskId === null ? null : String(userTaskId),
    message: text,
    processInstanceId: String(processInstanceId),
    removalTime: null,
    rootProcessInstanceId: String(instance?.rootId ?? processInstanceId),
  };
}
