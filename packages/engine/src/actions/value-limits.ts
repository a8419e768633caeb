/** How large one value may be. */
import type { Json } from '@procos/bpmn';
import type { Limits } from '../records/limits.ts';
import type { Bound, Bounds } from '../state/controls.ts';
import { measure } from '../state/size.ts';
import { Fault, LimitReached } from './fault.ts';
import type { Visit } from './turn.ts';

/** What is too much about the value, and what to do; `bound`: whose limit that is, where it is not one of the settings. */
interface TooLarge {
  readonly message: string;
  readonly bound?: Bound;
}

/** `limits` are narrowed by `bounds` already. */
export function tooLargeFor(
  { variableSize, variableDepth }: Limits,
  bounds: Bounds | undefined,
  value: Json,
): TooLarge | undefined {
  const { size, depth } = measure(value);
  if (size <= variableSize && depth <= variableDepth) return undefined;
  const about = (kind: 'variableSize' | 'variableDepth', most: number, what: string, remedy: string): TooLarge => {
    const found = bounds?.get(kind);
    const bound = found?.value === most ? found : undefined;
    const by = bound === undefined ? '' : ` (limit '${kind}'${reasonOf(bound)})`;
    return { message: `${what}${by}: ${remedy}`, ...(bound === undefined ? {} : { bound }) };
  };
  if (size > variableSize) {
    const what = `has ${size} characters as JSON, at most ${variableSize} are allowed`;
    return about('variableSize', variableSize, what, 'keep large data outside and refer to it, or raise the limit');
  }
  const what = `is nested ${depth} deep, at most ${variableDepth} is allowed`;
  return about('variableDepth', variableDepth, what, 'make it flatter');
}

function reasonOf({ from, owned }: Bound): string {
  return owned === undefined ? `, declared by the ${from}` : `, set by '${owned.by}': ${owned.reason}`;
}

/** `what`: which value it is, before the reason. */
export function refuseLargeValue({ turn, instance }: Visit, value: Json, what: string): Fault | undefined {
  const reason = tooLargeFor(turn.limitsOf(instance), turn.bounds(instance), value);
  if (reason === undefined) return undefined;
  const message = `${what} ${reason.message}`;
  return reason.bound === undefined ? new Fault('expression', message) : new LimitReached(reason.bound, message);
}
