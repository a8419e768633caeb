/** What a projection may use: the view tables, and identities for rows of its own. */
import type { DecisionDefinition, EventOf, EventType, LogRecord } from '@procos/engine';
import type {
  DecisionInstanceView,
  DefinitionView,
  ElementInstanceView,
  EndedVisitsView,
  IncidentView,
  ProcessInstanceView,
  VariableView,
  WarningView,
} from '../rows.ts';
import type { Table } from '../table.ts';

export interface Views {
  readonly definitions: Table<DefinitionView>;
  readonly processInstances: Table<ProcessInstanceView>;
  /** What is inside process instances: `history/` writes it. */
  readonly elementInstances: Table<ElementInstanceView>;
  readonly variables: Table<VariableView>;
  readonly endedVisits: Table<EndedVisitsView>;
  readonly incidentHistory: Table<IncidentView>;
  readonly decisionInstances: Table<DecisionInstanceView>;
  readonly warnings: Table<WarningView>;
  /** The decision with this id in the file that the definition comes from. */
  requiredBy(decisionDefinitionId: number, decisionId: string): DecisionDefinition | undefined;
  /** An id for a row that has none of its own. */
  nextRowId(): number;
}

/** Follows the log, one event at a time, by the type of event: what it writes follows from the events alone. */
export type Projection = {
  readonly [T in EventType]?: (event: EventOf<T>, record: LogRecord, views: Views) => void;
};
