/** Values from outside that are too large are refused at the door, before anything happens. */
import type { Turn } from '../actions/turn.ts';
import { tooLarge } from '../actions/value-limits.ts';
import type { Command } from '../records/commands.ts';
import type { Rejection } from '../records/rejection.ts';
import { sizeOfInstance, sizeOfVariables } from '../state/size.ts';
import { givenVariables } from './given-variables.ts';

/** Instances with more element instances than this are summed up only for values that make a difference. */
const MANY = 64;
const NOTABLE = 65_536;

export function refuseLargeValues(command: Command, turn: Turn): Rejection | undefined {
  const given = givenVariables(command);
  for (const [name, { value }] of given) {
    const reason = tooLarge(turn.limits, value);
    if (reason !== undefined)
      return { code: 'INVALID_ARGUMENT', message: `variable '${name}' ${reason}`, details: { variable: name } };
  }
  const instanceId = given.length === 0 ? undefined : instanceOf(command, turn);
  const instance = instanceId === undefined ? undefined : turn.state.instances.get(instanceId);
  const added = sizeOfVariables(given);
  const { instanceSize } = turn.limits;
  const worthLooking = added >= NOTABLE || (instance !== undefined && instance.elements.size <= MANY);
  if (!worthLooking || added + (instance === undefined ? 0 : sizeOfInstance(instance)) <= instanceSize)
    return undefined;
  return {
    code: 'INVALID_ARGUMENT',
    message: `all variables of a process instance together may have ${instanceSize} characters as JSON: keep large data outside and refer to it, or raise the limit`,
  };
}

function instanceOf(command: Command, { state }: Turn): number | undefined {
  if ('processInstanceId' in command) return command.processInstanceId;
  if ('externalTaskId' in command) return state.externalTasks.get(command.externalTaskId)?.processInstanceId;
  return 'userTaskId' in command ? state.userTasks.get(command.userTaskId)?.processInstanceId : undefined;
}
