/** Regular expressions that come as data: bounded in length and in time, so that none can stop the host. */
import { createContext, Script } from 'node:vm';

const MAX_PATTERN = 500;
const MAX_TEXT = 100_000;
const TIME_MS = 100;

/** Only what stands here is ever run; pattern and text are values. `vm` is used for its time limit, which also stops a match. */
const MATCH = new Script('expression.test(text)');
const values = createContext({});

export class PatternProblem extends Error {}

export interface BoundedPattern {
  test(text: string): boolean;
  toString(): string;
}

/** Throws `PatternProblem` for a pattern that is too long or wrong; `test` throws it when matching takes too long. */
export function boundedPattern(pattern: string, flags = 'u'): BoundedPattern {
  if (pattern.length > MAX_PATTERN) throw new PatternProblem(`the pattern is longer than ${MAX_PATTERN} characters`);
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, flags);
  } catch (error) {
    throw new PatternProblem((error as Error).message);
  }
  return {
    // Ajv tells patterns apart by their text.
    toString: () => String(expression),
    test(text) {
      if (text.length > MAX_TEXT) throw new PatternProblem(`the text is longer than ${MAX_TEXT} characters`);
      try {
        Object.assign(values, { expression, text });
        return MATCH.runInContext(values, { timeout: TIME_MS }) === true;
      } catch {
        throw new PatternProblem(`matching /${pattern}/ took longer than ${TIME_MS} ms; simplify the pattern`);
      }
    },
  };
}
