/** FEEL in processes: variables of the scope, results as JSON, and calls of functions that do not exist as failures. */
import type { Json } from '../../values.ts';
import type { EvaluationContext } from '../contract.ts';
import { ExpressionFailure } from '../failure.ts';
import { compileExpression } from './feel.ts';
import { Run } from './run.ts';
import { Frame } from './scope.ts';
import { toJson } from './values.ts';

/** Throws ExpressionFailure. */
export function compileFeel(text: string): (context: EvaluationContext) => Json {
  const reading = compileExpression(text);
  return (context) => {
    // A large variable may be kept as text and taken apart at each look-up: once is enough.
    let structures: Map<string, Json> | undefined;
    const run = new Run({
      lookup: (name) => {
        const known = structures?.get(name);
        if (known !== undefined) return known;
        const value = context.lookup(name);
        if (typeof value === 'object' && value !== null) {
          structures ??= new Map();
          structures.set(name, value);
        }
        return value;
      },
      now: context.now,
      zone: context.zone,
      warn: (kind, message) => {
        if (kind === 'function') throw new ExpressionFailure(message);
        context.warn?.(message);
      },
    });
    return toJson(reading.within(context)(new Frame(run, [])));
  };
}
