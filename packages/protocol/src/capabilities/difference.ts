/** What a new version may use that the one before may not, and the other way round: for the person who is to approve it. */
import { type Capabilities, type CapabilitySet, type Grant, KINDS, type Kind } from './contract.ts';
import { canonicalSet, OPEN } from './decide.ts';
import { covers } from './grants.ts';
import { grantText } from './wording.ts';

export interface CapabilityDifference {
  /** It says what it uses; false: it has no block, and what it may use is a setting. */
  readonly declares: boolean;
  /** As `kind name`, e.g. `hosts api.example.com`. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** `before` undefined: there was nothing before. */
export function capabilityDifference(before: CapabilitySet | undefined, after: CapabilitySet): CapabilityDifference {
  const [then, now] = [before === undefined ? {} : canonicalSet(before ?? OPEN), canonicalSet(after ?? OPEN)];
  return { declares: after !== null, added: without(now, then), removed: without(then, now) };
}

function without(one: Capabilities, other: Capabilities): string[] {
  const grants = KINDS.flatMap((kind) =>
    (one[kind] ?? []).filter((grant) => !isHeld(kind, other, grant)).map((grant) => `${kind} ${grantText(grant)}`),
  );
  const roles = rolesOf(one).filter((role) => !rolesOf(other).includes(role));
  const limits = Object.entries(one.limits ?? {}).filter(([name, value]) => other.limits?.[name] !== value);
  const classified = one.classification !== undefined && one.classification !== other.classification;
  return [
    ...grants,
    ...(classified ? [`dataClassification ${one.classification}`] : []),
    ...roles.map((role) => `role ${role}`),
    ...limits.map(([name, value]) => `limit ${name} ${value}`),
  ];
}

/** A grant that demands other walls is another one. */
function isHeld(kind: Kind, { [kind]: grants = [] }: Capabilities, { name, sandbox, access }: Grant): boolean {
  return grants.some(
    (other) =>
      covers(kind, other, { name }) &&
      other.sandbox === sandbox &&
      (other.access === undefined || other.access === access),
  );
}

function rolesOf({ access = [] }: Capabilities): string[] {
  return access.flatMap((rules) => rules.map(({ role, may }) => `${role} may ${may.join(', ')}`));
}
