/** The variables that a command brings with it, wherever it holds them. */
import type { Variable } from '@procos/bpmn';
import type { Command } from '../records/commands.ts';
import type { Variables } from '../records/events.ts';

/** Members that hold variables by name. */
const MAPS = ['variables', 'localVariables'] as const;
/** Members whose items hold variables in their turn. */
const LISTS = ['elements', 'instructions', 'startInstructions', 'scopes'] as const;

type Holding = { readonly [member in (typeof MAPS)[number]]?: Variables } & {
  readonly [member in (typeof LISTS)[number]]?: readonly Holding[];
} & { readonly command?: Holding };

export function givenVariables(command: Command): [string, Variable][] {
  const given: [string, Variable][] = [];
  collect(command as Holding, given);
  return given;
}

/** Asked of every command: what it has is looked at, instead of looking for all that it could have. */
function collect(holding: Holding, into: [string, Variable][]): void {
  for (const member in holding) {
    switch (member) {
      case 'variables':
      case 'localVariables': {
        // Of `fetchAndLock` it is a list of names.
        const map = holding[member];
        if (map !== undefined && !Array.isArray(map)) for (const name in map) into.push([name, map[name]!]);
        break;
      }
      case 'elements':
      case 'instructions':
      case 'startInstructions':
      case 'scopes':
        for (const item of holding[member] ?? []) collect(item, into);
        break;
      case 'command':
        if (holding.command !== undefined) collect(holding.command, into);
        break;
    }
  }
}

/** The same command with other variables in the place of some. */
export function replaceVariables<C extends { readonly type: string }>(
  command: C,
  instead: ReadonlyMap<Variable, Variable>,
): C {
  return instead.size === 0 ? command : (replaced(command as unknown as Holding, instead) as unknown as C);
}

function replaced(holding: Holding, instead: ReadonlyMap<Variable, Variable>): Holding {
  const copy: { -readonly [member in keyof Holding]: Holding[member] } = { ...holding };
  for (const member of MAPS) {
    const map = holding[member];
    if (map === undefined || Array.isArray(map)) continue;
    const entries = Object.entries(map).map(([name, variable]) => [name, instead.get(variable) ?? variable] as const);
    // Without a prototype, as it came: a variable may have any name.
    copy[member] = Object.assign(Object.create(null) as Record<string, Variable>, Object.fromEntries(entries));
  }
  for (const member of LISTS) {
    const list = holding[member];
    if (list !== undefined) copy[member] = list.map((item) => replaced(item, instead));
  }
  if (holding.command !== undefined) copy.command = replaced(holding.command, instead);
  return copy;
}
