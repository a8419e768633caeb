/** `result` of a completed job of a Camunda 8 task listener, in the words of Camunda 8: denied, or corrected. */
import type { CommandOf, Json } from '@procos/kernel';
import { isObject } from '../../safe-json.ts';
import { optionalFlag, optionalObject, optionalText, optionalTexts, optionalWhole } from '../body.ts';
import { parseDate } from '../dates.ts';
import { invalid } from '../errors.ts';

type Result = NonNullable<CommandOf<'completeExternalTask'>['result']>;
type Corrections = NonNullable<Result['corrections']>;

/** Absent: an ordinary task, which ignores members that it does not know, as Camunda 7 does. */
export function readResult(input: Json | undefined): { readonly result?: Result } {
  if (!isObject(input)) return {};
  const given = optionalObject(input, 'corrections') ?? {};
  const assignee = optionalText(given, 'assignee');
  const candidateUsers = optionalTexts(given, 'candidateUsers');
  const candidateGroups = optionalTexts(given, 'candidateGroups');
  const priority = optionalWhole(given, 'priority');
  // null leaves a member as it is, empty text clears it.
  const corrections: Corrections = {
    ...(assignee === undefined ? {} : { assignee: assignee === '' ? null : assignee }),
    ...(candidateUsers === undefined ? {} : { candidateUsers }),
    ...(candidateGroups === undefined ? {} : { candidateGroups }),
    ...(priority === undefined ? {} : { priority }),
    ...date('dueAt', optionalText(given, 'dueDate')),
    ...date('followUpAt', optionalText(given, 'followUpDate')),
  };
  const denied = optionalFlag(input, 'denied') ?? false;
  return { result: { denied, ...(Object.keys(corrections).length > 0 ? { corrections } : {}) } };
}

function date(name: 'dueAt' | 'followUpAt', text: string | undefined): Corrections {
  if (text === undefined) return {};
  if (text === '') return { [name]: null };
  const at = parseDate(text);
  if (at === undefined) throw invalid(`Cannot read the date '${text}': write it as 2025-01-15T10:30:00.000+0100`);
  return { [name]: at };
}
