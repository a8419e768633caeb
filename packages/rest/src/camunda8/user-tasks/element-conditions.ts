/** What a filter for user tasks says about the element instance of each. */
import type { Condition, ElementInstanceView } from '@procos/kernel';
import type { Filter } from '../search/filter.ts';
import type { TaskRow } from './task-rows.ts';

/** What a column of a user task is called there. */
const IN_ELEMENT: Readonly<Record<string, keyof ElementInstanceView & string>> = {
  processInstanceId: 'processInstanceId',
  definitionId: 'definitionId',
  bpmnProcessId: 'bpmnProcessId',
  elementInstanceId: 'id',
  elementId: 'elementId',
  name: 'elementName',
  assignee: 'assignee',
  endedAt: 'endedAt',
};

export function conditionsOf(filters: readonly Filter<TaskRow>[]): readonly Condition<TaskRow>[] {
  return filters.flatMap(({ where }) => where ?? []);
}

export function ofElement(conditions: readonly Condition<TaskRow>[]): readonly Condition<ElementInstanceView>[] {
  return conditions.flatMap((condition) => {
    const column = IN_ELEMENT[condition.column];
    return column === undefined ? [] : [{ ...condition, column } as Condition<ElementInstanceView>];
  });
}
