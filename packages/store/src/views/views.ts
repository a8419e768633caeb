/** What a projection may use: the view tables, the models of definitions, and identities for rows of its own. */
import type { ProcessModel } from '@procos/bpmn';
import type { EngineEvent, LogRecord } from '@procos/engine';
import type { DefinitionView, ElementInstanceView, IncidentView, ProcessInstanceView, VariableView } from '../rows.ts';
import type { Table } from '../table.ts';

export interface Views {
  readonly definitions: Table<DefinitionView>;
  readonly processInstances: Table<ProcessInstanceView>;
  readonly elementInstances: Table<ElementInstanceView>;
  readonly variables: Table<VariableView>;
  readonly incidentHistory: Table<IncidentView>;
  modelOf(definitionId: number): ProcessModel | undefined;
  nextVariableId(): number;
}

/** Follows the log, one event at a time: what it writes follows from the events alone. */
export type Projection = (event: EngineEvent, record: LogRecord, views: Views) => void;
