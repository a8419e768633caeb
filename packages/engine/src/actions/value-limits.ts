/** How large one value may be. */
import type { Json } from '@procos/bpmn';
import type { Limits } from '../records/limits.ts';
import { measure } from '../state/size.ts';

/** What is too much about the value, and what to do; undefined when nothing is. */
export function tooLarge({ variableSize, variableDepth }: Limits, value: Json): string | undefined {
  const { size, depth } = measure(value);
  if (size > variableSize)
    return `has ${size} characters as JSON, at most ${variableSize} are allowed: keep large data outside and refer to it, or raise the limit`;
  if (depth > variableDepth) return `is nested ${depth} deep, at most ${variableDepth} is allowed: make it flatter`;
  return undefined;
}
