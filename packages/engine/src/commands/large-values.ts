/** Values from outside that are too large are refused at the door, before anything happens. */
import { whose } from '../actions/limits.ts';
import type { Turn } from '../actions/turn.ts';
import { tooLargeFor } from '../actions/value-limits.ts';
import type { Command } from '../records/commands.ts';
import type { Rejection } from '../records/rejection.ts';
import { sizeOfInstance, sizeOfVariables } from '../state/size.ts';
import { givenVariables } from './given-variables.ts';

/** Instances with more element instances than this are summed up only for values that make a difference. */
const MANY = 64;
const NOTABLE = 65_536;

export function refuseLargeValues(command: Command, turn: Turn): Rejection | undefined {
  const given = givenVariables(command);
  const instanceId = given.length === 0 ? undefined : instanceOf(command, turn);
  const instance = instanceId === undefined ? undefined : turn.state.instances.get(instanceId);
  const bounds = instance === undefined ? undefined : turn.bounds(instance);
  const limits = instance === undefined ? turn.limits : turn.limitsOf(instance);
  for (const [name, { value }] of given) {
    const reason = tooLargeFor(limits, bounds, value);
    if (reason === undefined) continue;
    const code = reason.bound === undefined ? 'INVALID_ARGUMENT' : 'LIMIT_REACHED';
    return { code, message: `variable '${name}' ${reason.message}`, details: { variable: name } };
  }
  const added = sizeOfVariables(given);
  const { instanceSize } = limits;
  const bound = instanceSize < turn.limits.instanceSize ? bounds?.get('instanceSize') : undefined;
  const worthLooking =
    bound !== undefined || added >= NOTABLE || (instance !== undefined && instance.elements.size <= MANY);
  if (!worthLooking || added + (instance === undefined ? 0 : sizeOfInstance(instance)) <= instanceSize)
    return undefined;
  return {
    code: bound === undefined ? 'INVALID_ARGUMENT' : 'LIMIT_REACHED',
    message: `all variables of a process instance together may have ${instanceSize} characters as JSON${bound === undefined ? '' : ` (${whose(bound)})`}: keep large data outside and refer to it, or raise the limit`,
  };
}

function instanceOf(command: Command, { state }: Turn): number | undefined {
  if ('processInstanceId' in command) return command.processInstanceId;
  if ('externalTaskId' in command) return state.externalTasks.get(command.externalTaskId)?.processInstanceId;
  return 'userTaskId' in command ? state.userTasks.get(command.userTaskId)?.processInstanceId : undefined;
}
