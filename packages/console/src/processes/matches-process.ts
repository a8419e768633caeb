/** Whether an instance has all words of a search in what the table shows of it. Pure. */
import type { ProcessRow } from '@procos/protocol';

export function matchesProcess(row: ProcessRow, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const { pid, processInstanceId, bpmnProcessId, name, businessKey, state, parentPid, waitsAt } = row;
  const places = waitsAt.flatMap((wait) => [wait.elementId, wait.elementName, wait.incident]);
  const all = [pid, processInstanceId, bpmnProcessId, name, businessKey, state, parentPid, ...places]
    .join(' ')
    .toLowerCase();
  return words.every((word) => all.includes(word));
}
