/** To whose share a command belongs, and to which instance: what is asked of one instance keeps its order. */
import type { Command, Flow, State } from '@procos/engine';

export interface Belonging {
  readonly flow: Flow;
  /** What the command is for; undefined: it names no instance. */
  readonly processInstanceId?: number;
}

/** Of what cannot be told apart: deployments, messages that look for a receiver, requests of workers. */
export const NOBODYS: Flow = { tenantId: null, bpmnProcessId: '' };

/** `state` is asked for what the command needs anyway. */
export function belongingOf(command: Command, state: State): Belonging {
  if ('externalTaskId' in command) return ofRow(state.externalTasks.get(command.externalTaskId), state);
  if ('userTaskId' in command) return ofRow(state.userTasks.get(command.userTaskId), state);
  if ('incidentId' in command) return ofRow(state.incidents.get(command.incidentId), state);
  if ('timerId' in command) return ofTimer(command.timerId, state);
  if ('processInstanceId' in command && command.processInstanceId !== undefined)
    return ofInstance(command.processInstanceId, state);
  if (command.type === 'createProcessInstance') {
    const { definition } = command;
    if ('definitionId' in definition) return { flow: flowOf(definition.definitionId, state) };
    return { flow: { tenantId: definition.tenantId ?? null, bpmnProcessId: definition.bpmnProcessId } };
  }
  return { flow: { ...NOBODYS, tenantId: ('tenantId' in command ? command.tenantId : null) ?? null } };
}

function ofRow(
  row: { readonly processInstanceId: number; readonly bpmnProcessId: string } | undefined,
  state: State,
): Belonging {
  return row === undefined ? unknown() : ofInstance(row.processInstanceId, state);
}

function ofTimer(timerId: number, state: State): Belonging {
  const timer = state.timers.get(timerId);
  if (timer === undefined) return unknown();
  return timer.processInstanceId === null
    ? { flow: flowOf(timer.definitionId, state) }
    : ofInstance(timer.processInstanceId, state);
}

function ofInstance(processInstanceId: number, state: State): Belonging {
  const instance = state.instances.get(processInstanceId);
  return { flow: instance === undefined ? unknown().flow : flowOf(instance.definitionId, state), processInstanceId };
}

/** Every version of a process has the same share. */
export function flowOf(definitionId: number, state: State): Flow {
  const definition = state.definitions.get(definitionId);
  return definition === undefined ? unknown().flow : definition;
}

function unknown(): Belonging {
  return { flow: NOBODYS };
}
