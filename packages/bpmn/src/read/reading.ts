/** What every translating function is given: the dialect, where things stand, and how text becomes an expression. */
import type { Dialect, Expression } from '../model.ts';
import { type Node, text } from './moddle.ts';

export interface Reading {
  readonly dialect: Dialect;
  /** The process that is being translated. */
  readonly process: Node;
  /** Line of the nearest element with an id, 1-based. */
  line(node: Node): number;
  /** Translates text and reports it when its syntax is wrong; `node` says where. */
  expression(node: Node, value: string): Expression;
  condition(node: Node, value: string): Expression;
  /** Text that is FEEL whatever the dialect, with or without the leading `=`. */
  feel(node: Node, value: string): Expression;
  /** Text that is JUEL whatever the dialect. */
  juel(node: Node, value: string): Expression;
  /** Topics for Java classes and delegate expressions, by their name as written in the model. */
  readonly delegates: Readonly<Record<string, string>>;
}

/** An attribute as an expression; undefined when absent or blank. */
export function attribute(reading: Reading, node: Node | undefined, name: string): Expression | undefined {
  const value = text(node, name);
  return node === undefined || value === undefined ? undefined : reading.expression(node, value);
}

/** Drops what is undefined, for types whose optional members must be absent. */
export function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: Partial<T> = {};
  for (const key in values) if (values[key] !== undefined) kept[key] = values[key];
  return kept as { [K in keyof T]?: Exclude<T[K], undefined> };
}

export function literal(value: string): Expression {
  return { language: 'literal', text: value };
}
