/** Starts a process at its none start event; the root process only when none is running. */
import { readSubmitted, type Submitted } from '../actions/forms.ts';
import { createInstance, noneStart } from '../actions/instances.ts';
import { carryOut, refuse } from '../actions/instructions.ts';
import { refuseStart } from '../actions/limits.ts';
import { type Turn, visit, visitBeforeStart } from '../actions/turn.ts';
import type { DefinitionRef } from '../records/commands.ts';
import type { Variables } from '../records/events.ts';
import type { IncidentId, ProcessInstanceId } from '../records/ids.ts';
import type { Definition } from '../state/entities.ts';
import { runSteps } from '../steps/steps.ts';
import { type CommandHandler, reject } from './handler.ts';

export const createProcessInstance: CommandHandler<'createProcessInstance'> = (command, turn) => {
  if (command.asRoot === true) {
    const running = runningRoot(turn);
    if (running !== undefined) return { ok: true, value: running };
  }
  const definition = findDefinition(turn, command.definition);
  if (definition === undefined) {
    return reject('NOT_FOUND', `${describe(command.definition)} is not deployed`, { ...command.definition });
  }
  if (definition.suspended)
    return reject('INVALID_STATE', `process definition ${definition.id} is suspended: resume it first`, {
      definitionId: definition.id,
    });
  const { startInstructions } = command;
  const reason = startInstructions === undefined ? undefined : refuse(definition.model, null, startInstructions);
  if (reason !== undefined) return reject('INVALID_ARGUMENT', reason);
  const unknown = command.endsAfter?.find((id) => !Object.hasOwn(definition.model.elements, id));
  if (unknown !== undefined)
    return reject('INVALID_ARGUMENT', `it is to end after '${unknown}', which is no element of the process`);
  const startElementId = startInstructions === undefined ? noneStart(definition) : null;
  if (startElementId === undefined) {
    return reject(
      'INVALID_STATE',
      `process '${definition.bpmnProcessId}' has no none start event: it is started by its message, signal or timer`,
      { bpmnProcessId: definition.bpmnProcessId },
    );
  }
  const unrecoverable = (command.recovers?.incidentIds ?? [])
    .map((id) => whyNotRecovered(turn, id))
    .find((why) => why !== undefined);
  if (unrecoverable !== undefined) return unrecoverable;
  const refusal = refuseStart(turn, definition, command.variables);
  if (refusal !== undefined) return { ok: false, rejection: refusal };
  const submitted =
    command.form === true ? submittedTo(turn, definition, startElementId, command.variables) : undefined;
  if (submitted?.ok === false) return reject('INVALID_ARGUMENT', submitted.reason);
  const businessKey = command.businessKey ?? null;
  const processInstanceId = createInstance(turn, {
    definition,
    startElementId,
    businessKey,
    variables: submitted?.variables ?? command.variables ?? {},
    ...(command.tags === undefined ? {} : { tags: command.tags }),
    ...(command.endsAfter === undefined ? {} : { endsAfter: command.endsAfter }),
    parent: null,
  });
  const started = startInstructions === undefined ? undefined : visit(turn, processInstanceId, processInstanceId);
  if (started !== undefined) carryOut(started, startInstructions ?? [], command);
  if (command.asRoot === true) turn.emit({ type: 'rootDesignated', processInstanceId });
  if (command.recovers !== undefined) noteRecovery(turn, processInstanceId, command.recovers);
  runSteps(turn);
  const root = turn.state.instances.get(processInstanceId)?.elements.get(processInstanceId);
  return {
    ok: true,
    value: {
      processInstanceId,
      definitionId: definition.id,
      bpmnProcessId: definition.bpmnProcessId,
      version: definition.version,
      businessKey,
      tenantId: definition.tenantId,
      ended: root === undefined,
      variables: Object.fromEntries(turn.finalVariables.get(processInstanceId) ?? root?.variables ?? []),
    },
  };
};

/** One recovery for each incident, so that whoever is not sure may ask again. */
function whyNotRecovered({ state }: Turn, incidentId: IncidentId) {
  const incident = state.incidents.get(incidentId);
  if (incident === undefined)
    return reject('NOT_FOUND', `incident ${incidentId} does not exist (any more)`, { incidentId });
  if (incident.recoveryId === undefined) return undefined;
  const text = `incident ${incidentId} has its recovery already: process instance ${incident.recoveryId}`;
  return reject('INVALID_STATE', text, { incidentId, recoveryId: incident.recoveryId });
}

function noteRecovery(
  turn: Turn,
  recoveryId: ProcessInstanceId,
  { incidentIds, attempt }: { readonly incidentIds: readonly IncidentId[]; readonly attempt: number },
): void {
  for (const incidentId of incidentIds) {
    const incident = turn.state.incidents.get(incidentId);
    if (incident === undefined) continue;
    const { processInstanceId } = incident;
    turn.emit({ type: 'recoveryStarted', processInstanceId, incidentId, recoveryId, attempt });
  }
}

/** Against the fields of the start event. */
function submittedTo(
  turn: Turn,
  { model }: Definition,
  startElementId: string | null,
  variables: Variables = {},
): Submitted {
  const element = model.elements[startElementId ?? ''];
  const fields = element?.type === 'startEvent' ? element.form?.formFields : undefined;
  return readSubmitted(visitBeforeStart(turn, model), fields ?? [], variables);
}

function runningRoot(turn: Turn) {
  const rootId = turn.state.singletons.rootInstanceId;
  const instance = rootId === null ? undefined : turn.state.instances.get(rootId);
  if (instance === undefined) return undefined;
  const definition = turn.definition(instance);
  return {
    processInstanceId: instance.id,
    definitionId: definition.id,
    bpmnProcessId: definition.bpmnProcessId,
    version: definition.version,
    businessKey: instance.businessKey,
    tenantId: instance.tenantId,
    ended: false,
    variables: Object.fromEntries(instance.elements.get(instance.id)?.variables ?? []),
  };
}

function findDefinition(turn: Turn, ref: DefinitionRef): Definition | undefined {
  const { definitions } = turn.state;
  if ('definitionId' in ref) {
    const found = definitions.get(ref.definitionId);
    return found?.removed === true ? undefined : found;
  }
  const tenantId = ref.tenantId ?? null;
  return ref.version === undefined
    ? turn.latest(ref.bpmnProcessId, tenantId)
    : definitions.version(ref.bpmnProcessId, ref.version, tenantId);
}

function describe(ref: DefinitionRef): string {
  if ('definitionId' in ref) return `process definition ${ref.definitionId}`;
  return `process '${ref.bpmnProcessId}'${ref.version === undefined ? '' : ` version ${ref.version}`}`;
}
