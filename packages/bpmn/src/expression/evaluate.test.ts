/** Evaluation is total: whatever the text, it answers with a value or a message, and twice the same. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { EvaluationContext } from './contract.ts';
import { checkExpression, evaluate } from './evaluate.ts';

const context: EvaluationContext = {
  lookup: (name) => (name === 'a' ? { b: [1, 'x', null] } : undefined),
  names: () => ['a'],
  now: 0,
  zone: 'UTC',
};

const WORDS =
  `a b . [ ] ( ) { } \${ } + - * / = == < > ? : , 1 0 'x' "x" null true not and or empty if then else for in return
some every satisfies constructor __proto__ toString now() now size() get( function( count( .. @ \\ \` date( duration( "P1D"`.split(
    /\s+/,
  );

const texts = fc.oneof(
  fc.string(),
  fc.array(fc.constantFrom(...WORDS), { maxLength: 12 }).map((words) => words.join(' ')),
);

describe('evaluate', () => {
  for (const language of ['juel', 'feel'] as const) {
    test(`${language} never throws and is repeatable, for any text`, () => {
      fc.assert(
        fc.property(texts, (inner) => {
          const expression = { language, text: language === 'juel' ? `\${${inner}}` : inner };
          const result = evaluate(expression, context);
          if (!result.ok) assert.ok(result.message.length > 0);
          else assert.doesNotThrow(() => JSON.stringify(result.value));
          assert.deepEqual(evaluate(expression, context), result);
          if (checkExpression(expression) !== undefined) assert.equal(result.ok, false, expression.text);
        }),
        { numRuns: 300, seed: 7 },
      );
    });
  }

  test('more expressions than the memory of compiled ones holds are still evaluated', () => {
    for (let i = 0; i < 2_500; i++)
      assert.deepEqual(evaluate({ language: 'juel', text: `\${${i} + 1}` }, context), { ok: true, value: i + 1 });
    assert.deepEqual(evaluate({ language: 'juel', text: `\${${0} + 1}` }, context), { ok: true, value: 1 });
  });
});
