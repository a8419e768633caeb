/** A small and obvious model of what a capability set means, and random sets and requests: every point that decides is held against it. */
import {
  ACTIONS,
  type Capabilities,
  type CapabilityRequest,
  type CapabilitySet,
  CLASSIFICATIONS,
  type Grant,
  type Grants,
  KINDS,
  type Kind,
  SANDBOX_LEVELS,
  type SandboxLevel,
} from '../src/capabilities/contract.ts';

/** The reference: every grant is a regular expression, every set is a question to each of its grants. No set is ever computed. */
export function reference(set: CapabilitySet, request: CapabilityRequest): readonly SandboxLevel[] | false {
  if (request.kind === 'access') {
    const { roles, action } = request;
    const open = (set?.access ?? []).every((list) =>
      list.some((rule) => roles.includes(rule.role) && rule.may.includes(action)),
    );
    return open ? [] : false;
  }
  const { kind, name, access } = request;
  const isFor = (grant: Grant): boolean =>
    pattern(kind, grant.name).test(name) && (grant.access === undefined || grant.access === access);
  const isSystem = kind === 'tasks' && name.startsWith('procos.');
  if (set === null) return isSystem ? false : [];
  if (set.denied?.[kind]?.some(isFor)) return false;
  const granted = (set[kind] ?? []).filter(isFor);
  const levels = ['public', 'internal', 'confidential', 'restricted'];
  const { classification } = request;
  const leaks =
    kind === 'processes' &&
    set.classification !== undefined &&
    classification !== undefined &&
    levels.indexOf(classification) < levels.indexOf(set.classification);
  return granted.length === 0 || leaks ? false : granted.map(({ sandbox }) => sandbox ?? 'none');
}

function pattern(kind: Kind, name: string): RegExp {
  const literal = (text: string): string => text.replace(/[.[\]]/g, '\\$&');
  if (kind === 'paths') return name === '.' ? /^/ : new RegExp(`^${literal(name)}(/|$)`);
  if (kind === 'hosts') {
    const [host = '', port = '\\d+'] = name.split(':');
    const what = host === '*' ? '.+' : host.startsWith('*.') ? `.+${literal(host.slice(1))}` : literal(host);
    return new RegExp(`^${what}:${port}$`);
  }
  const system = kind === 'tasks' && !name.startsWith('procos.') ? '(?!procos\\.)' : '';
  return new RegExp(`^${system}${literal(name).replace(/\*$/, '.*')}$`);
}

const NAMES: Readonly<Record<Kind, readonly string[]>> = {
  tasks: ['*', 'a', 'a*', 'ab*', 'abc', 'p*', 'procos*', 'procos.*', 'procos.a', 'procos.a*', 'procos.ab'],
  scripts: ['*', 'javascript', 'python', 'p*'],
  processes: ['*', 'a', 'a*', 'ab', 'b*'],
  hosts: [
    '*',
    '*:443',
    'x.org',
    'x.org:443',
    '*.x.org',
    '*.x.org:80',
    'a.x.org',
    'b.a.x.org:80',
    '*.a.x.org',
    'ax.org',
  ],
  paths: ['.', 'a', 'a/b', 'a/b/c', 'ab', 'b'],
  models: ['*', 'ollama/*', 'ollama/llama*', 'openai/gpt', 'openai/*'],
  secrets: ['*', 'A', 'B', 'A*'],
  databases: ['*', 'a', 'b*'],
  brokers: ['*', 'a', 'b'],
  programs: ['*', 'a', 'b*'],
};
export const ASKED: Readonly<Record<Kind, readonly string[]>> = {
  tasks: ['a', 'ab', 'abc', 'p', 'procos', 'procosx', 'procos.a', 'procos.ab', 'procos.b'],
  scripts: ['javascript', 'python', 'perl'],
  processes: ['a', 'ab', 'b', 'c'],
  hosts: ['x.org:443', 'x.org:80', 'a.x.org:443', 'a.x.org:80', 'b.a.x.org:80', 'ax.org:443', 'y:443'],
  paths: ['a', 'a/b', 'a/b/c/d', 'ab', 'b/a', 'c'],
  models: ['ollama/llama3', 'ollama/x', 'openai/gpt', 'openai/gpt-2'],
  secrets: ['A', 'AB', 'B'],
  databases: ['a', 'b', 'bc'],
  brokers: ['a', 'b', 'c'],
  programs: ['a', 'b', 'bc'],
};

/** Numbers from 0 up to `below`, the same for the same seed (mulberry32). */
export type Random = (below: number) => number;

export function randomOf(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below);
  };
}

/** Runs `check` so often, each time with other numbers; a failure names its seed. */
export function manyTimes(times: number, check: (random: Random) => void): void {
  for (let seed = 1; seed <= times; seed++) {
    try {
      check(randomOf(seed));
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
}

export function oneOf<T>(random: Random, choices: readonly T[]): T {
  return choices[random(choices.length)] as T;
}

function some<T>(random: Random, atMost: number, make: () => T): T[] {
  return Array.from({ length: random(atMost + 1) }, make);
}

function grant(random: Random, kind: Kind): Grant {
  const sandboxed = (kind === 'tasks' || kind === 'scripts') && random(2) === 0;
  return {
    name: oneOf(random, NAMES[kind]),
    ...(sandboxed ? { sandbox: oneOf(random, SANDBOX_LEVELS) } : {}),
    ...(kind === 'paths' && random(2) === 0 ? { access: oneOf(random, ['read', 'write'] as const) } : {}),
  };
}

/** Of each kind up to three, or none. */
export function randomGrants(random: Random): Grants {
  const kinds = KINDS.filter(() => random(3) > 0);
  return Object.fromEntries(kinds.map((kind) => [kind, some(random, 3, () => grant(random, kind))]));
}

export function randomCapabilities(random: Random): Capabilities {
  const access = () =>
    some(random, 2, () => ({ role: oneOf(random, ['r', 's', 't']), may: ACTIONS.filter(() => random(2) === 0) }));
  return {
    ...randomGrants(random),
    ...(random(3) === 0 ? { denied: randomGrants(random) } : {}),
    ...(random(2) === 0 ? { classification: oneOf(random, CLASSIFICATIONS) } : {}),
    ...(random(2) === 0 ? { access: some(random, 2, access) } : {}),
    ...(random(3) === 0 ? { limits: { x: 1 + random(9), ...(random(2) === 0 ? { y: 1 + random(9) } : {}) } } : {}),
  };
}

export function randomSet(random: Random): CapabilitySet {
  return random(20) === 0 ? null : randomCapabilities(random);
}

/** Only what is of one kind: for many rounds in little time. */
export function onlyOf<S extends CapabilitySet>(set: S, request: CapabilityRequest): S {
  if (set === null || request.kind === 'access') return set;
  const { kind } = request;
  const kept = new Set<string>([kind, 'classification']);
  const own = Object.entries(set).filter(([name]) => kept.has(name));
  const denied = set.denied?.[kind];
  return {
    ...Object.fromEntries(own),
    ...(denied === undefined ? {} : { denied: { [kind]: denied } }),
  } as unknown as S;
}

export function randomRequest(random: Random, kinds: readonly Kind[] = KINDS): CapabilityRequest {
  if (kinds === KINDS && random(10) === 0) {
    const roles = ['r', 's', 't'].filter(() => random(2) === 0);
    return { kind: 'access', action: oneOf(random, ACTIONS), roles };
  }
  const kind = oneOf(random, kinds);
  return {
    kind,
    name: oneOf(random, ASKED[kind]),
    ...(kind === 'paths' ? { access: oneOf(random, ['read', 'write'] as const) } : {}),
    ...(kind === 'processes' ? { classification: oneOf(random, CLASSIFICATIONS) } : {}),
  };
}

/** What levels demand together. */
export const walls = (levels: readonly SandboxLevel[]): string =>
  ['wasm', 'box'].filter((wall) => levels.some((level) => level.split('-in-').includes(wall))).join('-in-') || 'none';
