/** Creates process instances: from outside, by a start event, or called by another instance. */
import type { Variables } from '../records/events.ts';
import type { ProcessInstanceId } from '../records/ids.ts';
import type { Definition } from '../state/entities.ts';
import type { Turn, Visit } from './turn.ts';

export function createInstance(
  turn: Turn,
  start: {
    readonly definition: Definition;
    /** The start event that begins it. */
    readonly startElementId: string;
    readonly businessKey: string | null;
    readonly variables: Variables;
    /** The call activity that calls it; null for a top-level instance. */
    readonly parent: Visit | null;
  },
): ProcessInstanceId {
  const { definition, parent } = start;
  const processInstanceId = turn.ids.next();
  turn.emit({
    type: 'processInstanceCreated',
    processInstanceId,
    definitionId: definition.id,
    bpmnProcessId: definition.bpmnProcessId,
    version: definition.version,
    businessKey: start.businessKey,
    tenantId: definition.tenantId,
    rootId: parent?.instance.rootId ?? processInstanceId,
    parentId: parent?.instance.id ?? null,
    parentElementInstanceId: parent?.self.id ?? null,
    startElementId: start.startElementId,
  });
  if (Object.keys(start.variables).length > 0) {
    turn.emit({ type: 'variablesSet', processInstanceId, scopeId: processInstanceId, variables: start.variables });
  }
  // Entered first: an event sub-process that a buffered message triggers at once must find it, to interrupt it.
  turn.enqueue({ kind: 'enter', processInstanceId, scopeId: processInstanceId, elementId: start.startElementId });
  turn.enqueue({ kind: 'activate', processInstanceId, elementInstanceId: processInstanceId });
  return processInstanceId;
}
