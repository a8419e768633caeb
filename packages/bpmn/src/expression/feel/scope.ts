/** Names at compile time, and the frames that hold their values at run time. */
import { BUILT_IN } from './functions/index.ts';
import type { Run } from './run.ts';
import { entryOf, type FeelValue, isContext } from './values.ts';

/** The values of one scope; frames are nested as the scopes are. */
export class Frame {
  readonly run: Run;
  readonly values: FeelValue[];
  readonly outer: Frame | undefined;

  constructor(run: Run, values: FeelValue[], outer?: Frame) {
    this.run = run;
    this.values = values;
    this.outer = outer;
  }
}

/** A compiled expression. */
export type Code = (frame: Frame) => FeelValue;

export interface Scope {
  /** The whole expression, for messages. */
  readonly text: string;
  readonly names: readonly string[];
  /** A filter's: the entries of the element are names too. */
  readonly isFilter?: boolean;
  readonly outer?: Scope;
  /** Names that are used. */
  readonly used: Set<string>;
}

export function rootScope(text: string): Scope {
  return { text, names: [], used: new Set() };
}

export function innerScope(outer: Scope, names: readonly string[], isFilter = false): Scope {
  return { text: outer.text, names, isFilter, outer, used: new Set() };
}

/** May the name be one of the expression's own (a parameter, an iterator, an entry)? */
export function isLocal(name: string, scope: Scope | undefined): boolean {
  if (scope === undefined) return false;
  return scope.names.includes(name) || scope.isFilter === true || isLocal(name, scope.outer);
}

/** The value of a name: from the innermost scope that has it, the variables, or the built-in functions. */
export function nameCode(name: string, scope: Scope | undefined, depth = 0): Code {
  if (scope === undefined) return globalCode(name);
  const index = scope.names.lastIndexOf(name);
  if (index >= 0) scope.used.add(name);
  const outer = index >= 0 ? slotCode(depth, index) : nameCode(name, scope.outer, depth + 1);
  if (scope.isFilter !== true) return outer;
  // An element may have an entry `item`, which hides the element.
  const item = slotCode(depth, 0);
  return (frame) => {
    const element = item(frame);
    const found = isContext(element) ? entryOf(element, name) : undefined;
    return found === undefined ? outer(frame) : found;
  };
}

function slotCode(depth: number, index: number): Code {
  if (depth === 0) return (frame) => frame.values[index] ?? null;
  if (depth === 1) return (frame) => frame.outer?.values[index] ?? null;
  return (frame) => {
    let at: Frame | undefined = frame;
    for (let level = 0; level < depth; level++) at = at?.outer;
    return at?.values[index] ?? null;
  };
}

function globalCode(name: string): Code {
  const builtIn = BUILT_IN.get(name);
  return ({ run }) => {
    const found = run.surroundings.lookup(name);
    if (found !== undefined) return found;
    return builtIn ?? run.warn(`there is no variable '${name}'`);
  };
}
