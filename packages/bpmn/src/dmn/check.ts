/** The deploy check of DMN files: every problem at once, with its line. */
import { failureText } from '../expression/failure.ts';
import { checkExpressionText, checkTestsText } from '../expression/feel/feel.ts';
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
  const problems = [
    ...walk(root, undefined, { isKnown, names: [...namesIn(root)] }),
    ...ids(model),
    ...checkRequirements(root, model),
  ];
  return problems.toSorted((a, b) => a.line - b.line);
}

/** What the file defines. */
interface Known {
  readonly isKnown: KnownTypes;
  readonly names: readonly string[];
}

/** What can be told from one element alone. `owner`: the nearest id around it. */
function* walk(node: XmlNode, owner: string | undefined, file: Known): Generator<Problem> {
  const { attributes } = node;
  const named = attributes['id'] ?? owner;
  const language = attributes['expressionLanguage'];
  if (language !== undefined && !/feel|juel/i.test(language)) {
    const message = `The language ${language} cannot be evaluated here: use FEEL or JUEL.`;
    yield problemAt(node, { rule: 'decision-language', message }, named);
  }
  if (node.name === 'decisionTable') yield* checkTable(node, named);
  yield* checkNames(node, named);
  yield* checkTypes(node, named, file.isKnown);
  const text = node.children.find(({ name }) => name === 'text')?.text.trim() ?? '';
  const isTests = node.name === 'inputEntry' || node.name === 'inputValues' || node.name === 'outputValues';
  if (text !== '' && (isTests || EXPRESSIONS.includes(node.name)) && !/juel/i.test(language ?? '')) {
    const reason = unreadable(text, isTests, file.names);
    if (reason !== undefined)
      yield problemAt(node, { rule: 'decision-syntax', message: `${reason}; correct it.` }, named);
  }
  for (const child of node.children) yield* walk(child, named, file);
}

const EXPRESSIONS: readonly string[] = ['literalExpression', 'inputExpression', 'outputEntry', 'defaultOutputEntry'];

/** Why the text cannot be read as FEEL. */
function unreadable(text: string, isTests: boolean, names: readonly string[]): string | undefined {
  try {
    if (isTests) checkTestsText(text, names);
    else checkExpressionText(text, names);
    return undefined;
  } catch (error) {
    return failureText(error);
  }
}

/** Every name of the file may stand in an expression. */
function* namesIn({ attributes, children }: XmlNode): Generator<string> {
  for (const key of ['name', 'iteratorVariable', 'inputVariable']) {
    const name = attributes[key];
    if (name !== undefined) yield name;
  }
  for (const child of children) yield* namesIn(child);
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
