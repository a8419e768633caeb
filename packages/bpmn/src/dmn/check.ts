/** The deploy check of DMN files: every problem at once, with its line. */
import { parseExpression, parseUnaryTests } from 'feelin';
import type { Problem } from '../model.ts';
import { checkNames } from './check/names.ts';
import { problemAt } from './check/problem.ts';
import { checkRequirements } from './check/requirements.ts';
import { checkTable } from './check/tables.ts';
import { checkTypes, type KnownTypes, knownTypes } from './check/types.ts';
import type { DecisionModel } from './model.ts';
import type { XmlNode } from './xml.ts';

export function checkDecisions(root: XmlNode, model: DecisionModel): readonly Problem[] {
  const isKnown = knownTypes(root);
  const problems = [...walk(root, undefined, isKnown), ...ids(model), ...checkRequirements(root, model)];
  return problems.toSorted((a, b) => a.line - b.line);
}

/** What can be told from one element alone. `owner`: the nearest id around it. */
function* walk(node: XmlNode, owner: string | undefined, isKnown: KnownTypes): Generator<Problem> {
  const { attributes } = node;
  const named = attributes['id'] ?? owner;
  const language = attributes['expressionLanguage'];
  if (language !== undefined && !/feel|juel/i.test(language)) {
    const message = `The language ${language} cannot be evaluated here: use FEEL or JUEL.`;
    yield problemAt(node, { rule: 'decision-language', message }, named);
  }
  if (node.name === 'decisionTable') yield* checkTable(node, named);
  yield* checkNames(node, named);
  yield* checkTypes(node, named, isKnown);
  const text = node.children.find(({ name }) => name === 'text')?.text.trim() ?? '';
  const isTests = node.name === 'inputEntry' || node.name === 'inputValues' || node.name === 'outputValues';
  if (text !== '' && (isTests || EXPRESSIONS.includes(node.name)) && !/juel/i.test(language ?? '')) {
    if (!readable(text, isTests)) {
      const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
      yield problemAt(
        node,
        { rule: 'decision-syntax', message: `"${shown}" cannot be read as FEEL: correct it.` },
        named,
      );
    }
  }
  for (const child of node.children) yield* walk(child, named, isKnown);
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

function* ids({ decisions, knowledge, inputs, services }: DecisionModel): Generator<Problem> {
  const seen = new Set<string>();
  for (const { id, line = 0 } of [...decisions, ...knowledge, ...inputs, ...services] as {
    id: string;
    line?: number;
  }[]) {
    if (id === '')
      yield {
        severity: 'error',
        line,
        rule: 'missing-id',
        message: 'A decision, input or knowledge model has no id: give it one.',
      };
    else if (seen.has(id)) {
      const message = `The id "${id}" is used twice: give each its own.`;
      yield { severity: 'error', line, rule: 'duplicate-id', message, elementId: id };
    }
    seen.add(id);
  }
}
