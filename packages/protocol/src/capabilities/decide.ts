/** The only place that decides what a process may use: what a set permits, and what is left when one set narrows another. */
import {
  type AccessRule,
  type Capabilities,
  type CapabilityRequest,
  type CapabilitySet,
  CLASSIFICATIONS,
  type Classification,
  type Grant,
  type Grants,
  KINDS,
  type Kind,
  type Verdict,
} from './contract.ts';
import { covers, isWithin, matches, meet, SYSTEM_PREFIX, together, wallsTogether } from './grants.ts';
import { elementFor } from './wording.ts';

/** What a process without a block has: everything but system calls. */
export const OPEN: Capabilities = {
  tasks: [{ name: '*' }],
  scripts: [{ name: '*' }],
  processes: [{ name: '*' }],
  hosts: [{ name: '*' }],
  paths: [{ name: '.' }],
  models: [{ name: '*' }],
  secrets: [{ name: '*' }],
  databases: [{ name: '*' }],
  brokers: [{ name: '*' }],
  programs: [{ name: '*' }],
};

/** As a beginning for what only denies: it takes nothing away, not even system calls. */
export const EVERYTHING: Capabilities = { ...OPEN, tasks: [{ name: '*' }, { name: `${SYSTEM_PREFIX}*` }] };

/** Whether the set allows what is asked for. */
export function permits(set: CapabilitySet, request: CapabilityRequest): Verdict {
  const capabilities = set ?? OPEN;
  if (request.kind === 'access') return mayAccess(capabilities.access ?? [], request.action, request.roles);
  const { kind, name, offered, classification } = request;
  if (kind === 'paths' && request.access === undefined) {
    const toRead = permits(set, { ...request, access: 'read' });
    return toRead.allowed ? permits(set, { ...request, access: 'write' }) : toRead;
  }
  const access = request.access === undefined ? [] : [request.access];
  if ((capabilities.denied?.[kind] ?? []).some((grant) => matches(kind, grant, name, access)))
    return refuse(`${what(kind, name, request.access)} is denied by the owner's policy`);
  const granted = (capabilities[kind] ?? []).filter((grant) => matches(kind, grant, name, access));
  if (granted.length === 0)
    return refuse(`${what(kind, name, request.access)} is not declared (${elementFor(kind, name, request.access)})`);
  const sandbox = granted.reduce((level, grant) => wallsTogether(level, grant.sandbox), wallsTogether());
  if (offered !== undefined && !isWithin(sandbox, offered))
    return refuse(`${what(kind, name)} demands the sandbox level ${sandbox}, and there is only ${offered}`);
  const [own, other] = [capabilities.classification, classification];
  if (kind === 'processes' && own !== undefined && other !== undefined && rank(other) < rank(own))
    return refuse(`data of this process is ${own}, and process ${name} is only for what is ${other}`);
  return { allowed: true, sandbox };
}

/** What both allow, and no more than either: what a called process has of its own set and that of its caller. */
export function narrow(one: CapabilitySet, other: CapabilitySet): CapabilitySet {
  if (one === null || other === null) return one === other ? null : narrow(one ?? OPEN, other ?? OPEN);
  const grants = eachKind((kind) =>
    (one[kind] ?? []).flatMap((grant) => (other[kind] ?? []).flatMap((also) => meet(kind, grant, also) ?? [])),
  );
  const denied = eachKind((kind) => [...(one.denied?.[kind] ?? []), ...(other.denied?.[kind] ?? [])]);
  const access = [...(one.access ?? []), ...(other.access ?? [])];
  const classification = higher(one.classification, other.classification);
  const limits = lower(one.limits, other.limits);
  return {
    ...grants,
    ...(Object.keys(denied).length === 0 ? {} : { denied }),
    ...(classification === undefined ? {} : { classification }),
    ...(access.length === 0 ? {} : { access: distinct(access) }),
    ...(limits === undefined ? {} : { limits }),
  };
}

/** The same, in the one form in which equal sets are equal. */
export function canonicalSet(set: Capabilities): Capabilities {
  return narrow(set, set) ?? OPEN;
}

function mayAccess(lists: readonly (readonly AccessRule[])[], action: string, roles: readonly string[]): Verdict {
  const shut = lists.find((rules) => !rules.some(({ role, may }) => roles.includes(role) && may.includes(action)));
  if (shut === undefined) return { allowed: true, sandbox: 'none' };
  const who = shut.filter(({ may }) => may.includes(action)).map(({ role }) => role);
  return refuse(
    `to ${action} it takes ${who.length === 0 ? 'a role that no model names' : `the role ${who.join(' or ')}`}`,
  );
}

/** Kinds with something in them, each sorted and without what another grant of it says already. */
function eachKind(of: (kind: Kind) => readonly Grant[]): Grants {
  const grants: { [kind in Kind]?: readonly Grant[] } = {};
  for (const kind of KINDS) {
    const found = of(kind);
    if (found.length > 0) grants[kind] = reduced(kind, found);
  }
  return grants;
}

/** Each with all that is said of its name; then those go that say nothing of their own. In the order of their names. */
function reduced(kind: Kind, grants: readonly Grant[]): readonly Grant[] {
  const byName = new Map<string, Grant>();
  for (const grant of grants) {
    const own = together(kind, grant, [grant]);
    const known = byName.get(own.name);
    byName.set(own.name, known === undefined ? own : together(kind, own, [own, known]));
  }
  const merged = [...byName.values()];
  if (merged.length === 1) return merged;
  const all = merged.map((grant) => {
    const above = merged.filter((other) => other !== grant && covers(kind, other, grant));
    return { grant: above.length === 0 ? grant : together(kind, grant, [grant, ...above]), above };
  });
  const said = ({ sandbox, access }: Grant): string => `${sandbox} ${access}`;
  const whole = new Map(merged.map((grant, at) => [grant, all[at]?.grant ?? grant]));
  return all
    .filter(({ grant, above }) => !above.some((other) => said(whole.get(other) ?? other) === said(grant)))
    .map(({ grant }) => grant)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function distinct<T>(values: readonly T[]): readonly T[] {
  const byText = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...byText].sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)).map(([, value]) => value);
}

function rank(classification: Classification): number {
  return CLASSIFICATIONS.indexOf(classification);
}

function higher(one: Classification | undefined, other: Classification | undefined): Classification | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return rank(one) >= rank(other) ? one : other;
}

function lower(one: Capabilities['limits'], other: Capabilities['limits']): Capabilities['limits'] {
  const both = { ...one, ...other };
  for (const [name, value] of Object.entries(both)) both[name] = Math.min(value, one?.[name] ?? value);
  return Object.keys(both).length === 0 ? undefined : both;
}

function refuse(reason: string): Verdict {
  return { allowed: false, reason };
}

const NOUNS: Readonly<Record<Kind, string>> = {
  tasks: 'topic',
  scripts: 'script language',
  processes: 'process',
  hosts: 'host',
  paths: 'path',
  models: 'model',
  secrets: 'secret',
  databases: 'database',
  brokers: 'broker',
  programs: 'program',
};

function what(kind: Kind, name: string, access?: string): string {
  return `${access === undefined ? '' : `to ${access} `}${NOUNS[kind]} ${name}`;
}
