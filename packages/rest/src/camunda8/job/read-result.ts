/** `result` of a completed job: what a task listener says about the change that it was asked about. */
import { invalid, notServed } from '../errors.ts';
import type { Members } from '../members.ts';
import type { JobResult } from './outcome.ts';

type Corrections = NonNullable<JobResult['corrections']>;

/** undefined: none, or one that says nothing. */
export function readResult(members: Members | undefined): JobResult | undefined {
  if (members === undefined) return undefined;
  const type = members.optionalOneOf('type', ['userTask', 'adHocSubProcess']) ?? 'userTask';
  if (type === 'adHocSubProcess') throw notServed("A result of type 'adHocSubProcess'");
  const denied = members.optionalFlag('denied') ?? false;
  const corrections = readCorrections(members.optionalMembers('corrections'));
  if (denied && corrections !== undefined)
    throw invalid(`'${members.where('corrections')}' must be absent where the change is denied`);
  const deniedReason = members.optionalText('deniedReason');
  if (denied) return { denied, ...(deniedReason === undefined ? {} : { deniedReason }) };
  return corrections && { denied, corrections };
}

/** Empty text and an empty list clear what is there. */
function readCorrections(given: Members | undefined): Corrections | undefined {
  if (given === undefined) return undefined;
  const assignee = given.optionalText('assignee');
  const candidateUsers = given.optionalTexts('candidateUsers');
  const candidateGroups = given.optionalTexts('candidateGroups');
  const priority = given.optionalWhole('priority', { least: 0, most: 100 });
  const corrections: Corrections = {
    ...(assignee === undefined ? {} : { assignee: assignee === '' ? null : assignee }),
    ...(candidateUsers === undefined ? {} : { candidateUsers }),
    ...(candidateGroups === undefined ? {} : { candidateGroups }),
    ...(priority === undefined ? {} : { priority }),
    ...date('dueAt', given, 'dueDate'),
    ...date('followUpAt', given, 'followUpDate'),
  };
  return Object.keys(corrections).length === 0 ? undefined : corrections;
}

function date(name: 'dueAt' | 'followUpAt', given: Members, member: string): Corrections {
  if (given.raw(member) === '') return { [name]: null };
  const at = given.optionalDate(member);
  return at === undefined ? {} : { [name]: at };
}
