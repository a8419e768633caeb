/** The deploy check of DMN files: every problem at once, with its line. */
import { parseExpression, parseUnaryTests } from 'feelin';
import type { Problem } from '../model.ts';
import type { Decision, DecisionModel } from './model.ts';
import type { XmlNode } from './xml.ts';

const HIT_POLICIES: readonly string[] = ['UNIQUE', 'FIRST', 'PRIORITY', 'ANY', 'COLLECT', 'RULE ORDER', 'OUTPUT ORDER'];
const AGGREGATIONS: readonly string[] = ['SUM', 'COUNT', 'MIN', 'MAX'];

export function checkDecisions(root: XmlNode, model: DecisionModel): readonly Problem[] {
  return [...walk(root), ...ids(model), ...references(model), ...cycles(model)].toSorted((a, b) => a.line - b.line);
}

type Found = Pick<Problem, 'rule' | 'message' | 'line'>;

function problem(found: Found, elementId?: string): Problem {
  return { severity: 'error', ...found, ...(elementId === undefined ? {} : { elementId }) };
}

/** What can be told from one element alone. */
function* walk(node: XmlNode): Generator<Problem> {
  const { attributes, line } = node;
  const named = attributes['id'] ?? attributes['name'];
  const language = attributes['expressionLanguage'];
  if (language !== undefined && !/feel|juel/i.test(language))
    yield problem(
      {
        line: line,
        rule: 'decision-language',
        message: `The language ${language} cannot be evaluated here: use FEEL or JUEL.`,
      },
      named,
    );
  if (node.name === 'decisionTable') {
    const policy = attributes['hitPolicy'] ?? 'UNIQUE';
    if (!HIT_POLICIES.includes(policy))
      yield problem(
        {
          line: line,
          rule: 'hit-policy',
          message: `The hit policy ${policy} is not known: use one of ${HIT_POLICIES.join(', ')}.`,
        },
        named,
      );
    const aggregation = attributes['aggregation'];
    if (aggregation !== undefined && !AGGREGATIONS.includes(aggregation))
      yield problem(
        {
          line: line,
          rule: 'hit-policy',
          message: `The aggregation ${aggregation} is not known: use one of ${AGGREGATIONS.join(', ')}.`,
        },
        named,
      );
    yield* entries(node);
  }
  const text = node.children.find(({ name }) => name === 'text')?.text.trim() ?? '';
  const isTests = node.name === 'inputEntry' || node.name === 'inputValues' || node.name === 'outputValues';
  if (text !== '' && (isTests || EXPRESSIONS.includes(node.name)) && !/juel/i.test(language ?? '')) {
    if (!readable(text, isTests)) {
      const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
      yield problem(
        { line, rule: 'decision-syntax', message: `"${shown}" cannot be read as FEEL: correct it.` },
        named,
      );
    }
  }
  for (const child of node.children) yield* walk(child);
}

const EXPRESSIONS: readonly string[] = ['literalExpression', 'inputExpression', 'outputEntry', 'defaultOutputEntry'];

/** Names with blanks depend on what is in scope, so only what no names could mend counts as an error: brackets and quotes. */
function readable(text: string, tests: boolean): boolean {
  try {
    const tree = tests ? parseUnaryTests(text, {}, undefined) : parseExpression(text, {}, undefined);
    return tree !== undefined && balanced(text);
  } catch {
    return false;
  }
}

function balanced(text: string): boolean {
  const open: string[] = [];
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, '').replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '');
  if (bare.includes('"')) return false;
  for (const character of bare) {
    if ('([{'.includes(character)) open.push(character);
    // Ranges may be written ]1..2[, so that square brackets close and open either way.
    if (character === ')' || character === '}') {
      const last = open.pop();
      if (last === undefined) return false;
      if (character === '}' && last !== '{') return false;
    }
    if (character === ']') open.pop();
  }
  return !open.includes('{') && !open.includes('(');
}

function* entries(table: XmlNode): Generator<Problem> {
  const count = (name: string) => table.children.filter((child) => child.name === name).length;
  for (const rule of table.children.filter(({ name }) => name === 'rule')) {
    const inputs = rule.children.filter(({ name }) => name === 'inputEntry').length;
    const outputs = rule.children.filter(({ name }) => name === 'outputEntry').length;
    if (inputs === count('input') && outputs === count('output')) continue;
    yield problem(
      {
        line: rule.line,
        rule: 'decision-table',
        message: `A rule has ${inputs} input and ${outputs} output entries, its table ${count('input')} inputs and ${count('output')} outputs: make them equal.`,
      },
      rule.attributes['id'],
    );
  }
}

function* ids({ decisions, knowledge, inputs, services }: DecisionModel): Generator<Problem> {
  const seen = new Set<string>();
  for (const { id, line = 0 } of [...decisions, ...knowledge, ...inputs, ...services] as {
    id: string;
    line?: number;
  }[]) {
    if (id === '')
      yield problem({
        line: line,
        rule: 'missing-id',
        message: 'A decision, input or knowledge model has no id: give it one.',
      });
    else if (seen.has(id))
      yield problem({ line, rule: 'duplicate-id', message: `The id "${id}" is used twice: give each its own.` }, id);
    seen.add(id);
  }
}

function* references(model: DecisionModel): Generator<Problem> {
  const known = new Set(
    [...model.inputs, ...model.decisions, ...model.knowledge, ...model.services].map(({ id }) => id),
  );
  for (const decision of model.decisions) {
    for (const id of [...decision.inputs, ...decision.decisions, ...decision.knowledge]) {
      if (id.includes('#') || known.has(id)) continue;
      const message = `Decision "${decision.name}" requires "${id}", which is not in this file: add it or correct the reference.`;
      yield problem({ line: decision.line, rule: 'unresolved-reference', message }, decision.id);
    }
  }
}

function* cycles({ decisions }: DecisionModel): Generator<Problem> {
  const byId = new Map(decisions.map((decision) => [decision.id, decision]));
  const done = new Set<string>();
  function loops(decision: Decision, path: readonly string[]): readonly string[] | undefined {
    if (path.includes(decision.id)) return [...path, decision.id];
    if (done.has(decision.id)) return undefined;
    for (const id of decision.decisions) {
      const next = byId.get(id);
      const found = next === undefined ? undefined : loops(next, [...path, decision.id]);
      if (found !== undefined) return found;
    }
    done.add(decision.id);
    return undefined;
  }
  for (const decision of decisions) {
    const found = loops(decision, []);
    if (found?.[0] !== decision.id) continue;
    const message = `Decision "${decision.name}" requires itself (${found.join(' → ')}): break the circle.`;
    yield problem({ line: decision.line, rule: 'decision-cycle', message }, decision.id);
    return;
  }
}
