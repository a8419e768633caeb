/** Creates process instances: from outside, by a start event, or called by another instance. */
import { inferVariable, type ProcessModel } from '@procos/bpmn';
import type { EventOf, Variables } from '../records/events.ts';
import type { DefinitionId, ProcessInstanceId, Subject } from '../records/ids.ts';
import type { StepOf } from '../records/steps.ts';
import type { Definition } from '../state/entities.ts';
import { watchTime } from './limits.ts';
import { startTraitsOf } from './traits.ts';
import type { Mutable, Turn, Visit } from './turn.ts';

const NO_VARIABLES: Variables = {};

export function createInstance(
  turn: Turn,
  start: {
    readonly definition: Definition;
    /** The element that begins it; null: start instructions do. */
    readonly startElementId: string | null;
    /** Which part of a multiple start event happened. */
    readonly part?: number | null;
    readonly businessKey: string | null;
    readonly variables: Variables;
    /** Absent or empty: none. */
    readonly tags?: readonly string[];
    /** Ids of elements after which it is canceled; absent or empty: none. */
    readonly endsAfter?: readonly string[];
    /** The call activity that calls it, or the element whose task it does; null for a top-level instance. */
    readonly parent: Visit | null;
    /** Somebody else than who asks. */
    readonly startedBy?: Subject | undefined;
    /** Definitions of who starts it, where one of them declares what it uses. */
    readonly narrowedBy?: readonly DefinitionId[];
  },
): ProcessInstanceId {
  const { definition, parent } = start;
  const processInstanceId = turn.ids.next();
  const startedBy = start.startedBy ?? (parent === null ? undefined : turn.senders.get(parent.instance.id));
  if (startedBy !== undefined) turn.senders.set(processInstanceId, startedBy);
  const event: Mutable<EventOf<'processInstanceCreated'>> = {
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
  };
  if (start.tags !== undefined && start.tags.length > 0) event.tags = start.tags;
  if (start.endsAfter !== undefined && start.endsAfter.length > 0) event.endsAfter = start.endsAfter;
  if (start.narrowedBy !== undefined) event.narrowedBy = start.narrowedBy;
  if (startedBy !== undefined) event.startedBy = `${startedBy.kind}:${startedBy.id}`;
  turn.emit(event);
  const instance = turn.state.instances.get(processInstanceId);
  if (instance !== undefined && turn.bounds(instance)?.has('time') === true) watchTime(turn, instance);
  const variables = { ...initiator(turn, definition.model), ...start.variables };
  if (Object.keys(variables).length > 0)
    turn.emit({ type: 'variablesSet', processInstanceId, scopeId: processInstanceId, variables });
  const { startElementId: eventElementId, part } = start;
  const step: Mutable<StepOf<'activate'>> = {
    kind: 'activate',
    processInstanceId,
    elementInstanceId: processInstanceId,
  };
  if (eventElementId !== null)
    step.trigger = part === null || part === undefined ? { eventElementId } : { eventElementId, part };
  turn.enqueue(step);
  return processInstanceId;
}

/** The none start event that a plain start or a call begins with. */
export function noneStart(definition: Definition): string | undefined {
  return startTraitsOf(definition.model).noneStart;
}

/** Camunda 7 `initiator`: names the variable for whoever starts the process; null when that is not known. */
function initiator(turn: Turn, model: ProcessModel): Variables {
  const { initiators } = startTraitsOf(model);
  return initiators.length === 0
    ? NO_VARIABLES
    : Object.fromEntries(initiators.map((name) => [name, inferVariable(turn.user)]));
}
