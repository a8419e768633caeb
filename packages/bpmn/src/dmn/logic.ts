/** Decision logic of a DMN file: literal expressions, tables and the boxed expressions. */
import type { Aggregation, ContextEntry, DecisionTable, DecisionText, HitPolicy, Logic } from './model.ts';
import { childOf, childrenOf, type XmlNode } from './xml.ts';

/** The language that a node names, by its last word; `feel` where it names none. Others are found by the check. */
export function languageOf(node: XmlNode, fallback: 'feel' | 'juel'): 'feel' | 'juel' {
  const written = node.attributes['expressionLanguage'];
  if (written === undefined) return fallback;
  return /juel/i.test(written) ? 'juel' : 'feel';
}

/** The first child that is decision logic. */
export function logicBelow(node: XmlNode, language: 'feel' | 'juel'): Logic | undefined {
  for (const child of node.children) {
    const logic = logicOf(child, language);
    if (logic !== undefined) return logic;
  }
  return undefined;
}

function logicOf(node: XmlNode, outer: 'feel' | 'juel'): Logic | undefined {
  const logic = kindOf(node, outer);
  const typeRef = node.attributes['typeRef'];
  return logic === undefined || typeRef === undefined ? logic : { ...logic, typeRef };
}

function kindOf(node: XmlNode, outer: 'feel' | 'juel'): Logic | undefined {
  const language = languageOf(node, outer);
  const below = (name: string): Logic => inner(childOf(node, name), language);
  switch (node.name) {
    case 'literalExpression':
      return { kind: 'literal', expression: textBelow(node, language) };
    case 'decisionTable':
      return tableOf(node, language);
    case 'context':
      return { kind: 'context', entries: childrenOf(node, 'contextEntry').map((entry) => entryOf(entry, language)) };
    case 'list':
      return { kind: 'list', items: itemsOf(node, language) };
    case 'relation':
      return {
        kind: 'relation',
        columns: childrenOf(node, 'column').map(({ attributes }) => attributes['name'] ?? ''),
        rows: childrenOf(node, 'row').map((row) => itemsOf(row, language)),
      };
    case 'functionDefinition':
      return {
        kind: 'function',
        parameters: childrenOf(node, 'formalParameter').map(({ attributes }) => ({
          name: attributes['name'] ?? '',
          ...(attributes['typeRef'] === undefined ? {} : { typeRef: attributes['typeRef'] }),
        })),
        body: logicBelow(node, language) ?? NOTHING,
        ...(isExternal(node) ? { isExternal: true } : {}),
      };
    case 'invocation': {
      const bindings = childrenOf(node, 'binding').map((binding) => ({
        name: childOf(binding, 'parameter')?.attributes['name'] ?? '',
        value: logicBelow(binding, language) ?? NOTHING,
      }));
      return { kind: 'invocation', called: textBelow(childOf(node, 'literalExpression') ?? node, language), bindings };
    }
    case 'conditional':
      return { kind: 'conditional', test: below('if'), yes: below('then'), no: below('else') };
    case 'filter':
      return { kind: 'filter', in: below('in'), match: below('match') };
    case 'for':
    case 'some':
    case 'every': {
      const variable = node.attributes['iteratorVariable'] ?? '';
      const body = below(node.name === 'for' ? 'return' : 'satisfies');
      return { kind: 'iterator', mode: node.name, variable, in: below('in'), body };
    }
    default:
      return undefined;
  }
}

/** A function is written in FEEL unless its kind says otherwise. */
export function isExternal({ attributes }: XmlNode): boolean {
  return (attributes['kind'] ?? 'FEEL').toUpperCase() !== 'FEEL';
}

const NOTHING: Logic = { kind: 'literal', expression: { text: 'null', language: 'feel' } };

function inner(node: XmlNode | undefined, language: 'feel' | 'juel'): Logic {
  return (node === undefined ? undefined : logicBelow(node, language)) ?? NOTHING;
}

function itemsOf(node: XmlNode, language: 'feel' | 'juel'): Logic[] {
  return node.children.flatMap((child) => {
    const item = logicOf(child, language);
    return item === undefined ? [] : [item];
  });
}

function entryOf(node: XmlNode, language: 'feel' | 'juel'): ContextEntry {
  const variable = childOf(node, 'variable')?.attributes;
  return {
    value: logicBelow(node, language) ?? NOTHING,
    ...(variable?.['name'] === undefined ? {} : { name: variable['name'] }),
    ...(variable?.['typeRef'] === undefined ? {} : { typeRef: variable['typeRef'] }),
  };
}

function tableOf(node: XmlNode, language: 'feel' | 'juel'): DecisionTable {
  const aggregation = node.attributes['aggregation'] as Aggregation | undefined;
  return {
    kind: 'table',
    hitPolicy: (node.attributes['hitPolicy'] ?? 'UNIQUE') as HitPolicy,
    ...(aggregation === undefined ? {} : { aggregation }),
    inputs: childrenOf(node, 'input').map((input) => {
      const expression = childOf(input, 'inputExpression');
      const typeRef = expression?.attributes['typeRef'];
      const allowed = textOf(childOf(childOf(input, 'inputValues'), 'text'));
      const variable = input.attributes['inputVariable'];
      return {
        label: input.attributes['label'] ?? textOf(childOf(expression, 'text')) ?? '',
        expression: textBelow(expression, languageOf(expression ?? input, language)),
        ...(typeRef === undefined ? {} : { typeRef }),
        ...(allowed === undefined ? {} : { allowed }),
        ...(variable === undefined ? {} : { variable }),
      };
    }),
    outputs: childrenOf(node, 'output').map((output) => {
      const { name, typeRef } = output.attributes;
      const allowed = textOf(childOf(childOf(output, 'outputValues'), 'text'));
      const preset = childOf(output, 'defaultOutputEntry');
      return {
        ...(name === undefined || name === '' ? {} : { name }),
        ...(typeRef === undefined ? {} : { typeRef }),
        ...(allowed === undefined ? {} : { allowed }),
        ...(preset === undefined ? {} : { default: textBelow(preset, language) }),
      };
    }),
    rules: childrenOf(node, 'rule').map((rule, index) => ({
      id: rule.attributes['id'] ?? String(index + 1),
      inputs: childrenOf(rule, 'inputEntry').map((entry) => textBelow(entry, languageOf(entry, 'feel'))),
      outputs: childrenOf(rule, 'outputEntry').map((entry) => textBelow(entry, languageOf(entry, language))),
    })),
  };
}

function textBelow(node: XmlNode | undefined, language: 'feel' | 'juel'): DecisionText {
  return {
    text: textOf(childOf(node, 'text')) ?? '',
    language: node === undefined ? language : languageOf(node, language),
  };
}

function textOf(node: XmlNode | undefined): string | undefined {
  const text = node?.text.trim();
  return text === undefined || text === '' ? undefined : text;
}
