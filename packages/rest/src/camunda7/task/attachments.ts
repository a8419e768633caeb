/** `/task/{id}/attachment`: files and addresses put to a task. They stay when the task is over. */
import type { Note, ProcessEngine, Variable } from '@procos/kernel';
import { refuseTooLong, sendBytes, takeBytes } from '../../bytes.ts';
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { readUpload } from '../../multipart.ts';
import { findTask } from '../../user-tasks.ts';
import { inlineBytes, sourceOf, variableOf } from '../../variable-bytes.ts';
import { userOf } from '../asker.ts';
import { formatDate } from '../dates.ts';
import { invalid, notFound, notMultipart, refuseForbidden, rejected } from '../errors.ts';
import { fileHeaders } from '../file-headers.ts';
import { selfLink } from '../links.ts';

type Attachment = Extract<Note, { readonly kind: 'attachment' }>;

export function attachmentRoutes(route: Declare): void {
  route('GET', '/task/:id/attachment', 'userTask.read', (call) => {
    return attachmentsOf(call).map((attachment) => dto(call, attachment));
  });
  route('POST', '/task/:id/attachment/create', 'userTask.comment', create);
  route('GET', '/task/:id/attachment/:attachmentId', 'userTask.read', (call) => dto(call, find(call)));
  route('GET', '/task/:id/attachment/:attachmentId/data', 'userTask.read', data);
  route('DELETE', '/task/:id/attachment/:attachmentId', 'userTask.comment', async (call) => {
    const noteIds = [call.repeated ? parseId(call.params['attachmentId'] ?? '') : find(call).id];
    const outcome = await call.engine.submit({ type: 'removeNotes', noteIds }, call.by);
    if (!outcome.ok) throw rejected(outcome.rejection);
    return undefined;
  });
}

function attachmentsOf({ engine, params }: Call): readonly Attachment[] {
  const id = params['id'] ?? '';
  const processInstanceId = findTask(engine, parseId(id))?.processInstanceId;
  const found = engine
    .find('notes', {
      where: [
        { column: 'userTaskId', op: '=', value: parseId(id) },
        ...(processInstanceId === undefined
          ? []
          : [{ column: 'processInstanceId', op: '=', value: processInstanceId } as const]),
      ],
    })
    .filter((note) => note.kind === 'attachment');
  if (found.length === 0 && processInstanceId === undefined) throw notFound(`No task found for task id ${id}`);
  return found;
}

function find(call: Call): Attachment {
  const { id = '', attachmentId = '' } = call.params;
  const found = attachmentsOf(call).find((attachment) => String(attachment.id) === attachmentId);
  if (found === undefined)
    throw notFound(`Task attachment with id ${attachmentId} does not exist for task id '${id}'.`);
  return found;
}

function data(call: Call): unknown {
  const { content } = find(call);
  const { id = '', attachmentId = '' } = call.params;
  const source = content === null ? undefined : sourceOf(call.engine, content);
  if (content === null || source === undefined)
    throw notFound(`Attachment content for attachment with id '${attachmentId}' does not exist for task id '${id}'.`);
  return sendBytes(call, source, fileHeaders(content));
}

async function create(call: Call): Promise<unknown> {
  const { engine, kernel, params, request, by } = call;
  const id = params['id'] ?? '';
  if (!request.isMultipart()) throw notMultipart();
  refuseTooLong(call);
  const most = inlineBytes(kernel.status().limits.variableSize);
  const { fields, file } = await readUpload(request, 'content', (content) =>
    takeBytes(engine.largeValues, content, most),
  );
  const text = (name: string): string | null => fields.get(name) || null;
  const url = text('url');
  if (file === undefined && url === null)
    throw invalid('No content or url to remote content exists to create the task attachment.');
  const note = {
    kind: 'attachment',
    name: text('attachment-name'),
    description: text('attachment-description'),
    type: text('attachment-type'),
    url,
  } as const;
  const content: Variable | null =
    file === undefined
      ? null
      : variableOf(file.content, 'File', {
          filename: file.filename ?? note.name ?? 'content',
          mimeType: file.mimeType,
        });
  const author = userOf(call);
  const outcome = await engine.submit(
    {
      type: 'addNote',
      on: { userTaskId: parseId(id) },
      by: author,
      note,
      ...(content === null ? {} : { variables: { content } }),
    },
    by,
  );
  if (!outcome.ok) {
    refuseForbidden(outcome.rejection);
    if (outcome.rejection.code === 'NOT_FOUND') throw invalid(`The task id is null or the task ${id} does not exist`);
    throw rejected(outcome.rejection);
  }
  const { noteId, createdAt } = outcome.value;
  const processInstanceId = instanceOf(engine, id);
  return dto(call, { id: noteId, userTaskId: parseId(id), processInstanceId, createdAt, by: author, ...note, content });
}

function instanceOf(engine: ProcessEngine, id: string): number {
  return findTask(engine, parseId(id))?.processInstanceId ?? 0;
}

function dto(call: Call, attachment: Attachment): Record<string, unknown> {
  const { id, name, description, type, url, userTaskId, processInstanceId, createdAt } = attachment;
  const [instance] = call.engine.find('processInstances', {
    where: [{ column: 'id', op: '=', value: processInstanceId }],
  });
  return {
    links: selfLink(call, `/task/${userTaskId}/attachment/${id}`),
    id: String(id),
    name,
    description,
    taskId: String(userTaskId),
    type,
    url,
    createTime: formatDate(createdAt),
    removalTime: null,
    rootProcessInstanceId: String(instance?.rootId ?? processInstanceId),
  };
}
