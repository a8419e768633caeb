/** Unary tests: what stands behind `in` and in the cells of decision tables (DMN 1.5, 7.3.4 and table 55). */
import { compare, HOLDS, matches, or, type Ternary } from './compare.ts';
import { type Code, Frame } from './scope.ts';
import type { TestSyntax } from './syntax.ts';
import type { FeelValue } from './values.ts';

export type TestCode = (frame: Frame, input: FeelValue) => Ternary;

/** `value` is compiled with a frame for `?` around it where the test uses it. */
export function testCode(test: TestSyntax, value: Code): TestCode {
  if (test.kind === 'compare') {
    const { operator } = test;
    const needsOrder = operator !== '=' && operator !== '!=';
    // A null fails the test; it is no mistake of the model.
    const general: TestCode = (frame, input) =>
      input === null && needsOrder ? null : compare(operator, input, value(frame), frame.run);
    const limit = test.value.kind === 'literal' ? test.value.value : null;
    if (typeof limit !== 'number') return general;
    const holds = HOLDS[operator];
    return (frame, input) => (typeof input === 'number' ? holds(input - limit) : general(frame, input));
  }
  if (test.value.kind === 'literal' && test.value.value !== null) {
    const expected = test.value.value;
    return (frame, input) => input === expected || matches(input, expected, frame.run);
  }
  if (test.usesInput)
    return (frame, input) => {
      const found = value(new Frame(frame.run, [input], frame));
      return typeof found === 'boolean' ? found : matches(input, found, frame.run);
    };
  return (frame, input) => {
    const found = value(frame);
    // A condition on other variables.
    if (typeof found === 'boolean' && typeof input !== 'boolean') return found;
    return matches(input, found, frame.run);
  };
}

/** True when one of the tests is. */
export function anyTestCode(tests: readonly TestCode[]): TestCode {
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return only;
  return (frame, input) => {
    let result: Ternary = false;
    for (const test of tests) {
      result = or(result, test(frame, input));
      if (result === true) return true;
    }
    return result;
  };
}
