/** The cases of the DMN Technology Compatibility Kit, beside the project; what fails is listed in docs/dmn-support.md. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { evaluate as feel } from 'feelin';
import { fromFeelValue } from '../expression/feel/values.ts';
import type { Json } from '../values.ts';
import { evaluateDecision } from './evaluate.ts';
import type { DecisionModel } from './model.ts';
import { readDecisions } from './read.ts';
import { childOf, childrenOf, readXml, type XmlNode } from './xml.ts';

const PROJECT = fileURLToPath(new URL('../../../../', import.meta.url));
const KIT = join(PROJECT, '../shared/data/dmn-tck');
const skip = existsSync(KIT) ? false : 'the DMN TCK is not beside the project (../shared/data/dmn-tck)';

interface Failure {
  readonly name: string;
  readonly why: string;
}

describe('the DMN TCK', { skip }, () => {
  for (const [level, demand] of [
    ['compliance-level-2', 1],
    ['compliance-level-3', 0],
  ] as const) {
    it(`${level}: what fails is exactly what docs/dmn-support.md lists`, () => {
      const failures: Failure[] = [];
      let cases = 0;
      for (const file of globSync(join(KIT, level, '*/*test*.xml')).toSorted()) {
        for (const outcome of runFile(file)) {
          cases += 1;
          if (outcome !== undefined) failures.push(outcome);
        }
      }
      const listed = [...documented()].filter((name) => name.startsWith(`${level}/`)).toSorted();
      const failed = failures.map(({ name }) => `${level}/${name}`).toSorted();
      if (process.env['PROCOS_TCK'] !== undefined)
        for (const { name, why } of failures) console.log(`| \`${level}/${name}\` | ${why.slice(0, 160)} |`);
      if (process.env['PROCOS_TCK'] !== undefined) console.log(level, cases - failed.length, 'of', cases);
      assert.ok(cases > 50);
      assert.ok((cases - failed.length) / cases >= demand, `${failed.length} of ${cases} fail`);
      assert.deepEqual(failed, listed);
    });
  }
});

function documented(): string[] {
  const text = readFileSync(join(PROJECT, 'docs/dmn-support.md'), 'utf8');
  return [...text.matchAll(/^\| `(compliance-level-\d\/[^`]+)` \|/gm)].map((match) => match[1] ?? '');
}

function* runFile(path: string): Generator<Failure | undefined> {
  const parsed = readXml(readFileSync(path, 'utf8'));
  assert.ok('root' in parsed, path);
  const folder = dirname(path);
  const models = new Map<string, DecisionModel>();
  for (const file of globSync(join(folder, '*.dmn'))) {
    const { model, problems } = readDecisions(readFileSync(file, 'utf8'));
    if (model !== undefined) models.set(basename(file), model);
    else models.set(basename(file), { ...EMPTY, name: problems.map(({ message }) => message).join('; ') });
  }
  const model = models.get(childOf(parsed.root, 'modelName')?.text.trim() ?? '') ?? EMPTY;
  for (const testCase of childrenOf(parsed.root, 'testCase')) {
    const inputs = new Map(
      childrenOf(testCase, 'inputNode').map((node) => [node.attributes['name'] ?? '', jsonOf(node)] as const),
    );
    for (const result of childrenOf(testCase, 'resultNode')) {
      const name = `${basename(folder)} ${basename(path)} ${testCase.attributes['id']} ${result.attributes['name']}`;
      yield runCase(name, model, [...models.values()], testCase, result, inputs);
    }
  }
}

const EMPTY: DecisionModel = {
  modelVersion: 1,
  id: '',
  name: 'no such model',
  namespace: '',
  types: [],
  inputs: [],
  decisions: [],
  knowledge: [],
  services: [],
  imports: [],
};

function runCase(
  name: string,
  model: DecisionModel,
  models: readonly DecisionModel[],
  testCase: XmlNode,
  result: XmlNode,
  inputs: ReadonlyMap<string, Json>,
): Failure | undefined {
  const wanted = result.attributes['name'];
  const service = model.services.find((one) => one.name === testCase.attributes['invocableName']);
  const target =
    testCase.attributes['type'] === 'decisionService' ? service : model.decisions.find((one) => one.name === wanted);
  if (target === undefined) return { name, why: `no decision '${wanted}': ${model.name}` };
  const outcome = evaluateDecision(model, target.id, {
    now: Date.UTC(2026, 0, 15, 12),
    zone: 'UTC',
    lookup: (key) => inputs.get(key),
    names: () => inputs.keys(),
    resolve: (namespace) => models.find((one) => one.namespace === namespace),
  });
  if (result.attributes['errorResult'] === 'true') {
    return !outcome.ok || outcome.value === null
      ? undefined
      : { name, why: `an error is expected, not ${JSON.stringify(outcome.value)}` };
  }
  const expected = jsonOf(childOf(result, 'expected'));
  if (!outcome.ok) return { name, why: outcome.message };
  if (same(outcome.value, expected)) return undefined;
  return { name, why: `${JSON.stringify(outcome.value)} instead of ${JSON.stringify(expected)}` };
}

function same(one: Json, other: Json): boolean {
  if (typeof one === 'number' && typeof other === 'number')
    return one === other || Math.abs(one - other) <= 1e-8 * Math.max(1, Math.abs(other));
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, index) => same(item, other[index] ?? null));
  if (one === null || other === null || typeof one !== 'object' || typeof other !== 'object') return one === other;
  const [left, right] = [one as Record<string, Json>, other as Record<string, Json>];
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((key) => same(left[key] ?? null, right[key] ?? null));
}

/** A value, list or components as JSON; temporal values in the form that FEEL gives them. */
function jsonOf(node: XmlNode | undefined): Json {
  const list = childOf(node, 'list');
  if (list !== undefined) return childrenOf(list, 'item').map(jsonOf);
  const components = childrenOf(node, 'component');
  if (components.length > 0)
    return Object.fromEntries(components.map((one) => [one.attributes['name'] ?? '', jsonOf(one)]));
  const value = childOf(node, 'value');
  if (value === undefined || value.attributes['nil'] === 'true') return null;
  const type = (value.attributes['type'] ?? '').replace(/^.*:/, '');
  const text = value.text;
  if (['decimal', 'double', 'integer', 'int', 'long'].includes(type)) return Number(text);
  if (type === 'boolean') return text.trim() === 'true';
  if (['date', 'time', 'dateTime', 'duration'].includes(type)) return temporal(text.trim());
  return text;
}

function temporal(text: string): Json {
  try {
    const { value } = feel(`@"${text}"`, {});
    return value === null ? text : fromFeelValue(value);
  } catch {
    return text;
  }
}
