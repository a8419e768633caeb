/** Script languages: which of them run in the sandbox, and which are only expressions. */
import type { Expression } from '../model.ts';
import { child, type Node, text } from './moddle.ts';
import type { Reading } from './reading.ts';

const SANDBOXED: ReadonlyMap<string, string> = new Map([
  ['javascript', 'javascript'],
  ['js', 'javascript'],
  ['ecmascript', 'javascript'],
  ['python', 'python'],
  ['python3', 'python'],
  ['shell', 'shell'],
  ['sh', 'shell'],
  ['bash', 'shell'],
]);

/** The languages as a message names them. */
export const SCRIPT_FORMATS = 'javascript, python, shell, feel or juel';

/** The name under which the sandbox knows the language; undefined when it cannot run there. */
export function sandboxFormat(format: string): string | undefined {
  return SANDBOXED.get(format.toLowerCase());
}

/** FEEL and JUEL scripts are only expressions. */
export function isExpressionFormat(format: string): boolean {
  return ['feel', 'juel'].includes(format.toLowerCase());
}

export function canRun(format: string): boolean {
  return sandboxFormat(format) !== undefined || isExpressionFormat(format);
}

/** A script as an expression. JUEL is written with its marker, or is one expression without it. */
export function scriptExpression(reading: Reading, node: Node, format: string, source: string): Expression {
  const language = format.toLowerCase();
  if (language === 'feel') return reading.feel(node, source);
  if (language === 'juel') return reading.juel(node, /[$#]\{/.test(source) ? source : `\${${source}}`);
  return { language: 'script', format: sandboxFormat(format) ?? language, text: source };
}

/** `camunda:script` below a listener, parameter, list item or map entry. */
export function camundaScript(reading: Reading, script: Node): Expression {
  return scriptExpression(reading, script, text(script, 'scriptFormat') ?? '', text(script, 'value') ?? '');
}

/** The condition of a flow that is written in a script language; undefined for the dialect's own expressions. */
export function conditionScript(condition: Node | undefined): { readonly format: string } | undefined {
  const language = text(condition, 'language');
  return language === undefined || /juel|feel|^https?:/i.test(language) ? undefined : { format: language };
}

export function scriptBelow(node: Node): Node | undefined {
  return child(node, 'script');
}
