/** What people say about user tasks and process instances, and the files they put to them. */

import type { Turn } from '../actions/turn.ts';
import type { CommandOf } from '../records/commands.ts';
import type { Note } from '../state/entities.ts';
import { measure } from '../state/size.ts';
import { type CommandHandler, DONE, type Refused, reject } from './handler.ts';

export const addNote: CommandHandler<'addNote'> = ({ on, by, note, variables = {} }, turn) => {
  const place = placeOf(on, turn);
  if ('ok' in place) return place;
  const text = note.kind === 'comment' ? checkText(note.text, turn) : undefined;
  if (text !== undefined) return text;
  const about = { id: turn.ids.next(), ...place, createdAt: turn.now, by };
  const { content = null } = variables;
  if (note.kind === 'attachment' && content === null && note.url === null)
    return reject('INVALID_ARGUMENT', 'an attachment has a content or a url: give one of them');
  turn.emit({
    type: 'noteAdded',
    note: note.kind === 'comment' ? { ...about, ...note } : { ...about, ...note, content },
  });
  return { ok: true, value: { noteId: about.id, createdAt: turn.now } };
};

export const changeComment: CommandHandler<'changeComment'> = ({ noteId, text }, turn) => {
  const note = turn.state.notes.get(noteId);
  if (note?.kind !== 'comment') return reject('NOT_FOUND', `comment ${noteId} does not exist`, { noteId });
  const refused = checkText(text, turn);
  if (refused !== undefined) return refused;
  if (text !== note.text)
    turn.emit({ type: 'commentChanged', noteId, text, processInstanceId: note.processInstanceId });
  return DONE;
};

export const removeNotes: CommandHandler<'removeNotes'> = ({ noteIds }, turn) => {
  const notes: Note[] = [];
  for (const noteId of noteIds) {
    const note = turn.state.notes.get(noteId);
    if (note === undefined) return reject('NOT_FOUND', `note ${noteId} does not exist`, { noteId });
    notes.push(note);
  }
  for (const { id: noteId, processInstanceId } of notes) turn.emit({ type: 'noteRemoved', noteId, processInstanceId });
  return DONE;
};

function placeOf(
  on: CommandOf<'addNote'>['on'],
  { state }: Turn,
): Pick<Note, 'processInstanceId' | 'userTaskId'> | Refused {
  if ('userTaskId' in on) {
    const { userTaskId } = on;
    const task = state.userTasks.get(userTaskId);
    if (task === undefined) return reject('NOT_FOUND', `user task ${userTaskId} does not exist`, { userTaskId });
    return { userTaskId, processInstanceId: task.processInstanceId };
  }
  const { processInstanceId } = on;
  if (state.instances.get(processInstanceId) === undefined)
    return reject('NOT_FOUND', `process instance ${processInstanceId} does not run`, { processInstanceId });
  return { userTaskId: null, processInstanceId };
}

function checkText(text: string, { limits }: Turn): Refused | undefined {
  if (text.trim() === '') return reject('INVALID_ARGUMENT', 'the comment is empty: say something');
  if (measure(text).size <= limits.variableSize) return undefined;
  return reject(
    'INVALID_ARGUMENT',
    `the comment is longer than ${limits.variableSize} characters: attach it as a file`,
  );
}
