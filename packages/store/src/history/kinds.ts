/** The two kinds of rows that may lie in the log, and what a query for them says about process instances and records. */
import { type LogRecord, measure } from '@procos/engine';
import type { CheckedCondition } from '../backend.ts';
import type { ElementInstanceView, ProcessInstanceView, VariableView } from '../rows.ts';
import type { Identified, Spec } from '../spec.ts';
import { elementInstances, variables } from '../tables/view-tables.ts';
import { type Inside, recordOfVariable, variableId, walk } from './inside.ts';
import type { Records } from './records.ts';
import { endedElements, endedVariables } from './replay.ts';

export interface Kind<Row extends Identified> {
  readonly spec: Spec<Row>;
  /** What is over in a process instance. */
  readonly ended: (
    instance: ProcessInstanceView,
    records: readonly LogRecord[],
    modelOf: Inside['modelOf'],
  ) => readonly Row[];
  /** About the characters that a row has. */
  readonly weight: (row: Row) => number;
  /** A condition that holds for nothing that is over. */
  readonly isOfLiving: (condition: CheckedCondition) => boolean;
  /** Columns that the process instance has too, with the same value: its name for each. */
  readonly shared: Readonly<Record<string, string>>;
  /** Columns by which what is over is counted (`endedVisits`). */
  readonly counted: readonly string[];
  /** Columns with instants at which the process instance was alive. */
  readonly instants: readonly string[];
  /** Columns that ascend with the records that created the rows. */
  readonly ascending: readonly string[];
  /** Ids of rows that the record and those before it have created are not above. */
  readonly lastId: (record: LogRecord) => number;
  /** Sequence of the record that has created a row. */
  readonly creator: (id: number, records: Records) => number;
  /** Rows that the record may have created: the lowest id, how many ids, the process instance. */
  readonly created: (record: LogRecord) => readonly Created[];
}

export interface Created {
  readonly id: number;
  readonly count: number;
  readonly processInstanceId: number;
}

export const ELEMENT_INSTANCES: Kind<ElementInstanceView> = {
  spec: elementInstances,
  ended: endedElements,
  weight: () => 0,
  isOfLiving: (condition) =>
    (condition.column === 'endedAt' && condition.op === 'isNull') ||
    (condition.column === 'outcome' && condition.op === '=' && condition.value === 'active'),
  shared: { processInstanceId: 'id', definitionId: 'definitionId', bpmnProcessId: 'bpmnProcessId' },
  counted: ['definitionId', 'bpmnProcessId', 'elementId', 'elementName', 'elementType', 'outcome'],
  instants: ['startedAt', 'endedAt'],
  ascending: ['id', 'startedAt', 'sequence'],
  lastId: ({ lastId }) => lastId,
  creator: (id, records) => records.whichGave(id),
  created: ({ events }) =>
    events.flatMap((event) =>
      event.type === 'elementActivated'
        ? [{ id: event.elementInstanceId, count: 1, processInstanceId: event.processInstanceId }]
        : [],
    ),
};

export const VARIABLES: Kind<VariableView> = {
  spec: variables,
  ended: endedVariables,
  weight: ({ value }) => measure(value).size,
  isOfLiving: (condition) => condition.column === 'live' && condition.op === '=' && condition.value === true,
  shared: { processInstanceId: 'id' },
  counted: [],
  instants: ['createdAt', 'updatedAt'],
  ascending: ['id'],
  lastId: ({ sequence }) => variableId(sequence + 1, 0) - 1,
  creator: recordOfVariable,
  created(record) {
    const created: Created[] = [];
    walk(record, (event, position) => {
      if (event.type !== 'variablesSet') return;
      const { processInstanceId, variables: set } = event;
      created.push({ id: variableId(record.sequence, position), count: Object.keys(set).length, processInstanceId });
    });
    return created;
  },
};
