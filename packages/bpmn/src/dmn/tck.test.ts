/** The cases of the DMN Technology Compatibility Kit, beside the project; what fails is listed in docs/dmn-support.md. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseTemporal } from '../expression/feel/temporal/values.ts';
import { type FeelValue, isContext, kindOf } from '../expression/feel/values.ts';
import { type DecisionContext, evaluateInFeel } from './evaluate.ts';
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
    ['compliance-level-3', 0.98],
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
      childrenOf(testCase, 'inputNode').map((node) => [node.attributes['name'] ?? '', inputOf(node)] as const),
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
  inputs: ReadonlyMap<string, FeelValue>,
): Failure | undefined {
  const wanted = result.attributes['name'];
  const service = model.services.find((one) => one.name === testCase.attributes['invocableName']);
  const target =
    testCase.attributes['type'] === 'decisionService' ? service : model.decisions.find((one) => one.name === wanted);
  if (target === undefined) return { name, why: `no decision '${wanted}': ${model.name}` };
  const found = resultOf(model, target.id, {
    now: Date.UTC(2026, 0, 15, 12),
    zone: 'UTC',
    lookup: (key) => inputs.get(key),
    names: () => inputs.keys(),
    resolve: (namespace) => models.find((one) => one.namespace === namespace),
  });
  const expected = childOf(result, 'expected');
  if (result.attributes['errorResult'] === 'true') {
    const isError = found instanceof Error || found === null;
    return isError ? undefined : { name, why: `an error is expected, not ${shown(found)}` };
  }
  if (found instanceof Error) return { name, why: found.message };
  return same(found, expected) ? undefined : { name, why: `${shown(found)} instead of ${expectedText(expected)}` };
}

function resultOf(model: DecisionModel, id: string, context: DecisionContext): FeelValue | Error {
  try {
    return evaluateInFeel(model, id, context).value;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Numbers may differ by this much: the cases write periodic ones with some of their digits. */
const TOLERANCE = 1e-8;

/** Kind and value have to be those of the case: a date is no text that looks like one. */
function same(found: FeelValue | undefined, expected: XmlNode | undefined): boolean {
  const list = childOf(expected, 'list');
  if (list !== undefined) {
    const items = childrenOf(list, 'item');
    return Array.isArray(found) && found.length === items.length && items.every((item, at) => same(found[at], item));
  }
  const components = childrenOf(expected, 'component');
  if (components.length > 0) {
    if (found === undefined || !isContext(found)) return false;
    const names = components.map(({ attributes }) => attributes['name'] ?? '');
    const isKnown = (name: string) => names.includes(name) || found[name] === null;
    return Object.keys(found).every(isKnown) && components.every((one, at) => same(found[names[at] ?? ''], one));
  }
  const value = childOf(expected, 'value');
  if (value === undefined || value.attributes['nil'] === 'true') return found === null || found === undefined;
  if (found === null || found === undefined) return false;
  const { text } = value;
  switch (typeOf(value)) {
    case 'boolean':
      return found === (text.trim() === 'true');
    case 'decimal':
    case 'double':
      return kindOf(found) === 'number' && Math.abs(Number(String(found)) - Number(text)) <= TOLERANCE;
    case 'date':
      return kindOf(found) === 'date' && canonical(String(found)) === canonical(text);
    case 'time':
      return kindOf(found) === 'time' && canonical(String(found)) === canonical(text);
    case 'dateTime':
      return kindOf(found) === 'date and time' && canonical(String(found)) === canonical(text);
    case 'duration':
      return kindOf(found).endsWith('duration') && amount(String(found)) === amount(text);
    default:
      return found === text;
  }
}

function typeOf({ attributes }: XmlNode): string {
  return (attributes['type'] ?? '').replace(/^.*:/, '');
}

/** One spelling of what means the same: Z for an offset of zero, no zeros at the end of a fraction. */
function canonical(text: string): string {
  return text
    .trim()
    .replace(/[+-]00:00$/, 'Z')
    .replace(/(\.\d*?)0+(?=$|[Z@+-])/, '$1')
    .replace(/\.(?=$|[Z@+-])/, '');
}

/** Months or seconds: `PT24H` is `P1D`. */
function amount(text: string): string {
  const match = /^(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(
    text.trim(),
  );
  assert.ok(match !== null, text);
  const [years, months, days, hours, minutes, seconds] = match.slice(2).map((part) => Number(part ?? 0));
  const all = [years, months].some((part) => part !== 0)
    ? `${(years ?? 0) * 12 + (months ?? 0)} months`
    : `${(((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)} seconds`;
  return all.startsWith('0 ') ? '0' : `${match[1]}${all}`;
}

/** What a case gives to the model, in the type that it names. */
function inputOf(node: XmlNode): FeelValue {
  const list = childOf(node, 'list');
  if (list !== undefined) return childrenOf(list, 'item').map(inputOf);
  const components = childrenOf(node, 'component');
  if (components.length > 0)
    return Object.fromEntries(components.map((one) => [one.attributes['name'] ?? '', inputOf(one)]));
  const value = childOf(node, 'value');
  if (value === undefined || value.attributes['nil'] === 'true') return null;
  const { text } = value;
  switch (typeOf(value)) {
    case 'decimal':
    case 'double':
      return Number(text);
    case 'boolean':
      return text.trim() === 'true';
    case 'date':
    case 'time':
    case 'dateTime':
    case 'duration':
      return parseTemporal(text.trim());
    default:
      return text;
  }
}

function shown(value: FeelValue): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
}

function expectedText(node: XmlNode | undefined): string {
  const value = childOf(node, 'value');
  if (value !== undefined) return value.attributes['nil'] === 'true' ? 'null' : `${typeOf(value)} ${value.text}`;
  return `(${(node?.children ?? []).map((child) => child.attributes['name'] ?? expectedText(child)).join(', ')})`;
}
