/** Which methods an expression calls that no value has: calls of Java beans, which only fail when they are run. */
import { callable } from './methods.ts';
import { type Node, parseTemplate } from './parse.ts';

export interface BeanCall {
  /** What the method is called on, as far as it is a plain name: the bean. */
  readonly on: string | undefined;
  readonly method: string;
}

/** Of a text with `${…}` or `#{…}`; none where it cannot be read, which the deploy check says. */
export function beanCalls(text: string): readonly BeanCall[] {
  try {
    return parseTemplate(text).flatMap((part) => (typeof part === 'string' ? [] : callsIn(part)));
  } catch {
    return [];
  }
}

function callsIn(node: Node): BeanCall[] {
  const inside = partsOf(node).flatMap(callsIn);
  if (node.kind !== 'method' || isCallable(node.name, node.args.length)) return inside;
  return [...inside, { on: rootOf(node.base), method: node.name }];
}

/** `getTotal()` and `isOpen()` read a property of a JSON object. */
function isCallable(name: string, args: number): boolean {
  return callable(name) || (args === 0 && /^(?:get|is)\p{Lu}/u.test(name));
}

function rootOf(node: Node): string | undefined {
  if (node.kind === 'name') return node.name;
  return node.kind === 'member' || node.kind === 'method' ? rootOf(node.base) : undefined;
}

function partsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'literal':
    case 'name':
      return [];
    case 'unary':
      return [node.operand];
    case 'binary':
      return [node.left, node.right];
    case 'ternary':
      return [node.condition, node.yes, node.no];
    case 'member':
      return [node.base, node.key];
    case 'method':
      return [node.base, ...node.args];
    case 'function':
      return node.args;
  }
}
