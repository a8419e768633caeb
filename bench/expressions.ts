/** Expressions and decision tables: FEEL and JUEL compiled once, beside `feelin`, which reads the text each time. */
import assert from 'node:assert/strict';
import { evaluateDecision, evaluate as evaluateExpression, type Json, readDecisions } from '@procos/bpmn';
import { evaluate as feelin, unaryTest } from 'feelin';
import { median, type Row, type Scenario } from './harness.ts';

const ROUNDS = 5;
const ROUND_MS = 300;
const RULES = 100;

const VARIABLES: Readonly<Record<string, Json>> = {
  a: 7,
  b: 'x',
  price: 19.99,
  order: { total: 120, items: [1, 2, 3, 4, 5] },
};
const INPUT: Readonly<Record<string, Json>> = { amount: 955, kind: 'kind 0', age: 99 };
const CLOCK = { now: 0, zone: 'UTC' };

export const expressions: Scenario = {
  name: 'expressions',
  title: 'Expressions and decision tables',
  async run() {
    const rows: Row[] = [];
    for (const [text, value, goal] of [
      ['a > 1 and b = "x"', true, 'goal ≥ 1,000,000; '],
      ['order.total * 2 - 5', 235, ''],
      ['price * 1.19', 23.7881, ''],
      ['for i in order.items return i * 2', [2, 4, 6, 8, 10], ''],
      ['order.items[item > 2]', [3, 4, 5], ''],
    ] as const) {
      const result = evaluateExpression({ language: 'feel', text }, context(VARIABLES));
      assert.deepEqual(result, { ok: true, value });
      const own = perSecond(() => evaluateExpression({ language: 'feel', text }, context(VARIABLES)));
      const peer = perSecond(() => feelin(text, VARIABLES));
      rows.push({ what: `FEEL \`${text}\`, 1/s`, value: shown(own), beside: `${goal}feelin ${shown(peer)}` });
    }
    const juel = { language: 'juel', text: `\${a > 1 && b == 'x'}` } as const;
    assert.deepEqual(evaluateExpression(juel, context(VARIABLES)), { ok: true, value: true });
    const juelRate = perSecond(() => evaluateExpression(juel, context(VARIABLES)));
    rows.push({ what: `JUEL \`${juel.text}\`, 1/s`, value: shown(juelRate), beside: 'goal ≥ 1,000,000' });
    rows.push(decisionTable());
    return rows;
  },
};

/** The last but four of the rules matches: most cells of the first column are tried, as unique tables have to. */
function decisionTable(): Row {
  const cells = Array.from({ length: RULES }, (_, index) => [
    `[${index * 10}..${index * 10 + 10})`,
    `"kind ${index % 5}"`,
    `>= ${index}`,
  ]);
  const entries = (texts: readonly string[], rule: number) =>
    texts.map((text, column) => `<inputEntry id="i${rule}-${column}"><text><![CDATA[${text}]]></text></inputEntry>`);
  const inputs = ['amount', 'kind', 'age'].map(
    (name) => `<input id="${name}"><inputExpression id="${name}-text"><text>${name}</text></inputExpression></input>`,
  );
  const rules = cells.map(
    (texts, index) =>
      `<rule id="r${index}">${entries(texts, index).join('')}<outputEntry id="o${index}"><text>${index}</text></outputEntry></rule>`,
  );
  const { model, problems } = readDecisions(
    `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="file" name="File" namespace="bench"><decision id="d" name="D"><decisionTable id="t">${inputs.join('')}<output id="o" />${rules.join('')}</decisionTable></decision></definitions>`,
  );
  assert.ok(model !== undefined, JSON.stringify(problems));
  const decide = () => evaluateDecision(model, 'd', context(INPUT));
  const outcome = decide();
  assert.ok(outcome.ok && outcome.value === 95, JSON.stringify(outcome));
  const own = perSecond(decide);
  const thin = perSecond(() => {
    const values = ['amount', 'kind', 'age'].map((name) => feelin(name, INPUT).value);
    const matching = cells.filter((texts) =>
      texts.every((text, column) => unaryTest(text, { '?': values[column] }).value === true),
    );
    assert.equal(matching.length, 1);
  });
  return {
    what: `DMN table, ${RULES} rules of 3 inputs, 1/s`,
    value: shown(own),
    beside: `goal ≥ 50,000; a loop over feelin ${shown(thin)}`,
  };
}

function context(values: Readonly<Record<string, Json>>) {
  return {
    ...CLOCK,
    lookup: (name: string) => (Object.hasOwn(values, name) ? values[name] : undefined),
    names: () => Object.keys(values),
  };
}

/** Calls in a second of processor time: nothing here waits, so that what else runs on the machine counts little. */
function perSecond(call: () => unknown): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const begin = process.cpuUsage();
    const end = performance.now() + ROUND_MS;
    let calls = 0;
    while (performance.now() < end) {
      for (let index = 0; index < 10; index++) call();
      calls += 10;
    }
    const { user, system } = process.cpuUsage(begin);
    return (calls / (user + system)) * 1_000_000;
  });
  return median(rounds);
}

function shown(rate: number): string {
  return Math.round(rate).toLocaleString('en');
}
