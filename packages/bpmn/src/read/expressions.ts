/** Turns the text of a model into an `Expression`, by the rules of its dialect. */
import type { Dialect, Expression } from '../model.ts';

/** Camunda 7: text with `${` or `#{` is evaluated. Camunda 8: text that starts with `=` is FEEL. The rest is literal. */
export function toExpression(dialect: Dialect, text: string): Expression {
  if (dialect === 'camunda8') {
    return text.startsWith('=') ? { language: 'feel', text: text.slice(1).trim() } : { language: 'literal', text };
  }
  return { language: /[$#]\{/.test(text) ? 'juel' : 'literal', text };
}

/** A condition is always evaluated, also where the marker of the dialect is missing. */
export function toCondition(dialect: Dialect, text: string): Expression {
  if (dialect === 'camunda7') return { language: 'juel', text };
  return toFeel(text);
}

/** FEEL whatever the dialect, with or without the leading `=`. */
export function toFeel(text: string): Expression {
  return { language: 'feel', text: text.replace(/^=/, '').trim() };
}
