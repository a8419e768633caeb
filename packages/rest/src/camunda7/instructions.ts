/** Camunda's modification instructions as the engine's. */
import type { Instruction, Json } from '@procos/kernel';
import type { JsonObject } from '../call.ts';
import { parseId } from '../ids.ts';
import { isObject } from '../safe-json.ts';
import { optionalFlag, optionalObject, optionalText } from './body.ts';
import { invalid } from './errors.ts';
import { readVariables } from './typed-values.ts';

type Start = Exclude<Instruction, { readonly kind: 'cancel' | 'cancelAll' }>;

/** `cancel`, `startBeforeActivity`, `startAfterActivity`, `startTransition`, in the order of the request. */
export function readInstructions(list: readonly Json[]): readonly Instruction[] {
  return list.map((item, index) => {
    if (item === null || typeof item !== 'object' || Array.isArray(item))
      throw invalid(`Instruction ${index + 1} is no object`);
    return readInstruction(item as JsonObject);
  });
}

function readInstruction(item: JsonObject): Instruction {
  const type = optionalText(item, 'type');
  const activityId = optionalText(item, 'activityId');
  if (type === 'cancel') {
    const named = ['activityId', 'activityInstanceId', 'transitionInstanceId'].flatMap(
      (name) => optionalText(item, name) ?? [],
    );
    // What stands before an activity or after it is an element instance here as well.
    const instance = optionalText(item, 'activityInstanceId') ?? optionalText(item, 'transitionInstanceId');
    if (instance !== undefined && named.length === 1) return { kind: 'cancel', elementInstanceId: parseId(instance) };
    if (activityId === undefined || named.length > 1)
      throw invalid(
        "For instruction type 'cancel': exactly one, 'activityId', 'activityInstanceId', or 'transitionInstanceId', is required",
      );
    return { kind: 'cancelAll', elementId: activityId };
  }
  const rest = startOf(item);
  if (type === 'startTransition') {
    const flowId = optionalText(item, 'transitionId');
    if (flowId === undefined) throw invalid("For instruction type 'startTransition': 'transitionId' must be set");
    return { kind: 'startTransition', flowId, ...rest };
  }
  if (type !== 'startBeforeActivity' && type !== 'startAfterActivity')
    throw invalid(
      `Instruction type '${type ?? ''}' is not one of cancel, startBeforeActivity, startAfterActivity, startTransition`,
    );
  if (activityId === undefined) throw invalid(`For instruction type '${type}': 'activityId' must be set`);
  return { kind: type === 'startBeforeActivity' ? 'startBefore' : 'startAfter', elementId: activityId, ...rest };
}

/** Each variable of an instruction says whether it is local. */
function startOf(item: JsonObject): Pick<Start, 'ancestor' | 'variables' | 'localVariables'> {
  const given = optionalObject(item, 'variables') ?? {};
  const ancestor = optionalText(item, 'ancestorActivityInstanceId');
  const pick = (local: boolean) =>
    Object.fromEntries(
      Object.entries(given).filter(
        ([, value]) => (isObject(value) && (optionalFlag(value, 'local') ?? false)) === local,
      ),
    );
  return {
    variables: readVariables(pick(false)),
    localVariables: readVariables(pick(true)),
    ...(ancestor === undefined ? {} : { ancestor: parseId(ancestor) }),
  };
}

/** `skipCustomListeners` and `skipIoMappings`. */
export function skipped(body: JsonObject): { readonly skipListeners: boolean; readonly skipMappings: boolean } {
  return {
    skipListeners: optionalFlag(body, 'skipCustomListeners') ?? false,
    skipMappings: optionalFlag(body, 'skipIoMappings') ?? false,
  };
}
