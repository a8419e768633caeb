/** One grant of each kind: what it matches, what two have in common, and which of two holds the other. */
import type { Access, Grant, Kind, SandboxLevel } from './contract.ts';

/** Topics that begin with this belong to the system; no pattern that does not begin with it, too, reaches them. */
export const SYSTEM_PREFIX = 'procos.';
/** Scripts of all languages are tasks of this topic; they are granted by language. */
export const SCRIPT_TOPIC = 'procos.script';

const BOTH: readonly Access[] = ['read', 'write'];

/** Whether the grant is for this name. */
export function matches(kind: Kind, grant: Grant, name: string, access: readonly Access[] = []): boolean {
  if (!accessOf(grant).some((one) => access.length === 0 || access.includes(one))) return false;
  switch (kind) {
    case 'hosts':
      return meetHosts(grant.name, name) === canonicalHost(name);
    case 'paths':
      return isBelow(name, grant.name);
    default:
      return isSystem(kind, grant.name) === isSystem(kind, name) && meetPatterns(grant.name, name) === name;
  }
}

/** The grant for what both are for; undefined when there is nothing. */
export function meet(kind: Kind, one: Grant, other: Grant): Grant | undefined {
  const name = meetNames(kind, one.name, other.name);
  if (name === undefined) return undefined;
  const access = BOTH.filter((each) => accessOf(one).includes(each) && accessOf(other).includes(each));
  if (access.length === 0) return undefined;
  return grant(name, wallsTogether(one.sandbox, other.sandbox), access);
}

/** Whether the grant is for every name that the other is for. */
export function covers(kind: Kind, grant: Grant, other: Grant): boolean {
  return meetNames(kind, grant.name, other.name) === canonicalName(kind, other.name);
}

/** The grant with all that these others say of its name, too; one text for one meaning, so that equal grants are equal. */
export function together(kind: Kind, { name }: Grant, grants: readonly Grant[]): Grant {
  const sandbox = grants.reduce<SandboxLevel>((level, one) => wallsTogether(level, one.sandbox), 'none');
  return grant(
    canonicalName(kind, name),
    sandbox,
    BOTH.filter((each) => grants.some((one) => accessOf(one).includes(each))),
  );
}

/** What two levels demand together. */
export function wallsTogether(one: SandboxLevel = 'none', other: SandboxLevel = 'none'): SandboxLevel {
  const wasm = hasWasm(one) || hasWasm(other);
  const box = hasBox(one) || hasBox(other);
  return wasm ? (box ? 'wasm-in-box' : 'wasm') : box ? 'box' : 'none';
}

/** Whether all walls that are demanded are among those offered. */
export function isWithin(demanded: SandboxLevel, offered: SandboxLevel): boolean {
  return (!hasWasm(demanded) || hasWasm(offered)) && (!hasBox(demanded) || hasBox(offered));
}

/** Why the grant is none; undefined when it is one. */
export function grantProblem(kind: Kind, { name, sandbox, access }: Grant): string | undefined {
  if (name === '' || name.length > 500) return 'a name of 1 to 500 characters is expected';
  if (sandbox !== undefined && kind !== 'tasks' && kind !== 'scripts') return 'only tasks and scripts have a sandbox';
  if (access !== undefined && kind !== 'paths') return 'only paths have an access';
  if (kind === 'hosts')
    return HOST.test(name) ? undefined : 'a host is expected: name, *.name or *, each also with :port';
  if (kind === 'paths') {
    const wrong = name.includes('*') || name.includes('\\') || name.startsWith('/') || name.split('/').includes('..');
    return wrong
      ? 'a path below the files folder is expected, without * and .. (everything below it is meant, too)'
      : undefined;
  }
  if (/\*./.test(name)) return '* may only stand at the end';
  if (kind === 'models' && name !== '*' && !name.includes('/')) return 'provider/model is expected, e.g. ollama/*';
  if (kind === 'tasks' && name === SCRIPT_TOPIC) return 'scripts are granted by their language';
  return undefined;
}

function grant(name: string, sandbox: SandboxLevel, access: readonly Access[]): Grant {
  const [only] = access;
  return {
    name,
    ...(sandbox === 'none' ? {} : { sandbox }),
    ...(access.length === 2 || only === undefined ? {} : { access: only }),
  };
}

function accessOf({ access }: Grant): readonly Access[] {
  return access === undefined ? BOTH : [access];
}

function hasWasm(level: SandboxLevel): boolean {
  return level === 'wasm' || level === 'wasm-in-box';
}
function hasBox(level: SandboxLevel): boolean {
  return level === 'box' || level === 'wasm-in-box';
}

function meetNames(kind: Kind, one: string, other: string): string | undefined {
  if (kind === 'hosts') return meetHosts(one, other);
  if (kind === 'paths')
    return isBelow(one, other) ? canonicalPath(one) : isBelow(other, one) ? canonicalPath(other) : undefined;
  return isSystem(kind, one) === isSystem(kind, other) ? meetPatterns(one, other) : undefined;
}

function canonicalName(kind: Kind, name: string): string {
  return kind === 'hosts' ? canonicalHost(name) : kind === 'paths' ? canonicalPath(name) : name;
}

function isSystem(kind: Kind, name: string): boolean {
  return kind === 'tasks' && name.startsWith(SYSTEM_PREFIX);
}

function meetPatterns(one: string, other: string): string | undefined {
  const [begins, alsoBegins] = [beginning(one), beginning(other)];
  if (begins === undefined)
    return one === other || (alsoBegins !== undefined && one.startsWith(alsoBegins)) ? one : undefined;
  if (alsoBegins === undefined) return other.startsWith(begins) ? other : undefined;
  return begins.startsWith(alsoBegins) ? one : alsoBegins.startsWith(begins) ? other : undefined;
}

function beginning(pattern: string): string | undefined {
  return pattern.endsWith('*') ? pattern.slice(0, -1) : undefined;
}

/** A name, `*.` and a name, or `*`; an IPv6 address stands in brackets. Then, where it is meant, a port. */
const HOST = /^(?:\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

function hostParts(text: string): readonly [name: string, port: string] {
  const [, name = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text) ?? [];
  return [name.toLowerCase().replace(/\.+$/, ''), port === '' ? '' : String(Number(port))];
}

function canonicalHost(text: string): string {
  const [name, port] = hostParts(text);
  return port === '' ? name : `${name}:${port}`;
}

function meetHosts(one: string, other: string): string | undefined {
  const [[name, port], [otherName, otherPort]] = [hostParts(one), hostParts(other)];
  if (port !== '' && otherPort !== '' && port !== otherPort) return undefined;
  const both = isUnder(name, otherName) ? name : isUnder(otherName, name) ? otherName : undefined;
  const shared = port === '' ? otherPort : port;
  return both === undefined ? undefined : shared === '' ? both : `${both}:${shared}`;
}

/** `*.example.com` is for what is under example.com, not for that itself. */
function isUnder(name: string, pattern: string): boolean {
  if (pattern === '*' || name === pattern) return true;
  return (
    pattern.startsWith('*.') &&
    (name.startsWith('*.') ? name.slice(1) : name).endsWith(pattern.slice(1)) &&
    name !== '*'
  );
}

function segments(path: string): readonly string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function canonicalPath(path: string): string {
  return segments(path).join('/') || '.';
}

function isBelow(path: string, folder: string): boolean {
  const [below, above] = [segments(path), segments(folder)];
  return above.every((name, index) => below[index] === name);
}
