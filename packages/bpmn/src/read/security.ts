/** The `procos:security` block of a process: what it says it uses, and what is wrong with the block itself. */
import {
  ACTIONS,
  type AccessRule,
  type Capabilities,
  CLASSIFICATIONS,
  canonicalSet,
  type Grant,
  type Grants,
  grantProblem,
  INSTANCE_LIMITS,
  KINDS,
  type Kind,
  SANDBOX_LEVELS,
} from '@procos/protocol';
import { child, children, extensions, type Node, text } from './moddle.ts';

export const SECURITY = 'procos:Security';

export interface ReadSecurity {
  /** undefined: there is no block. */
  readonly capabilities: Capabilities | undefined;
  /** Each a sentence about the block. */
  readonly problems: readonly string[];
}

/** Where the grants of a kind stand, and the attribute with their name. */
const PLACES: Readonly<Record<Kind, readonly [part: string, list: string, attribute: string]>> = {
  tasks: ['allowedTasks', 'tasks', 'topic'],
  scripts: ['allowedTasks', 'scripts', 'language'],
  processes: ['allowedTasks', 'processes', 'processId'],
  hosts: ['capabilities', 'hosts', 'name'],
  paths: ['capabilities', 'paths', 'name'],
  models: ['capabilities', 'models', 'name'],
  secrets: ['capabilities', 'secrets', 'name'],
  databases: ['capabilities', 'databases', 'name'],
  brokers: ['capabilities', 'brokers', 'name'],
  programs: ['capabilities', 'programs', 'name'],
};

export function securityOf(process: Node): ReadSecurity {
  const blocks = extensions(process).filter(({ $type }) => $type === SECURITY);
  const [block] = blocks;
  if (block === undefined) return { capabilities: undefined, problems: [] };
  const problems: string[] = blocks.length > 1 ? ['there is more than one block; keep one'] : [];
  const granted = grants(block, problems);
  const classification = oneOf(CLASSIFICATIONS, 'dataClassification', text(block, 'dataClassification'), problems);
  const access = roles(block, problems);
  const limits = limitsOf(block, problems);
  const capabilities = canonicalSet({
    ...granted,
    ...(classification === undefined ? {} : { classification }),
    ...(access === undefined ? {} : { access: [access] }),
    ...(limits === undefined ? {} : { limits }),
  });
  return { capabilities, problems };
}

function grants(block: Node, problems: string[]): Grants {
  const found: { [kind in Kind]?: Grant[] } = {};
  for (const kind of KINDS) {
    const [part, list, attribute] = PLACES[kind];
    const granted = children(child(block, part), list).flatMap((node) => {
      const sandbox = oneOf(SANDBOX_LEVELS, 'sandboxLevel', text(node, 'sandboxLevel'), problems);
      const access = oneOf(['read', 'write'] as const, 'access', text(node, 'access'), problems);
      const grant: Grant = {
        name: text(node, attribute) ?? '',
        ...(sandbox === undefined || sandbox === 'none' ? {} : { sandbox }),
        ...(access === undefined ? {} : { access }),
      };
      const problem = grantProblem(kind, grant);
      if (problem === undefined) return [grant];
      problems.push(`${kind} "${grant.name}": ${problem}`);
      return [];
    });
    if (granted.length > 0) found[kind] = granted;
  }
  return found;
}

/** undefined: everybody. */
function roles(block: Node, problems: string[]): readonly AccessRule[] | undefined {
  const control = child(block, 'accessControl');
  if (control === undefined) return undefined;
  return children(control, 'roles').map((node) => {
    const role = text(node, 'name') ?? '';
    if (role === '') problems.push('a role has no name');
    const may = (text(node, 'may') ?? ACTIONS.join(' ')).split(/[\s,]+/);
    const known = may.filter((action) => oneOf(ACTIONS, `may of role ${role}`, action, problems) !== undefined);
    return { role, may: ACTIONS.filter((action) => known.includes(action)) };
  });
}

function limitsOf(block: Node, problems: string[]): Readonly<Record<string, number>> | undefined {
  const written = children(child(block, 'limits'), 'limits');
  if (written.length === 0) return undefined;
  const limits: Record<string, number> = {};
  for (const node of written) {
    const [name, value] = [text(node, 'name') ?? '', text(node, 'value') ?? ''];
    if (oneOf(INSTANCE_LIMITS, 'name of a limit', name, problems) === undefined) continue;
    if (/^[1-9]\d{0,14}$/.test(value)) limits[name] = Math.min(limits[name] ?? Number(value), Number(value));
    else problems.push(`limit ${name} is "${value}"; a whole number from 1 is expected`);
  }
  return limits;
}

function oneOf<T extends string>(
  choices: readonly T[],
  what: string,
  written: string | undefined,
  problems: string[],
): T | undefined {
  const found = choices.find((choice) => choice === written);
  if (found === undefined && written !== undefined)
    problems.push(`${what} is "${written}"; it must be one of ${choices.join(', ')}`);
  return found;
}
