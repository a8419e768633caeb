/** The owner's policy: rules that narrow, for some processes or tenants, what their models declare. */
import type { Capabilities, CapabilitySet, Grant, Grants, Kind } from './contract.ts';
import { KINDS, SANDBOX_LEVELS } from './contract.ts';
import { EVERYTHING, narrow } from './decide.ts';
import { grantProblem } from './grants.ts';
import { grantText } from './wording.ts';

export interface PolicyRule {
  /** A process id, or its beginning and `*`. */
  readonly process: string;
  /** Only of this tenant; null: only of none; absent: of every one. */
  readonly tenant?: string | null;
  /** Nothing but this; absent: everything. */
  readonly allow?: Grants;
  /** Not this. */
  readonly deny?: Grants;
  /** Why; for who is refused, and for the audit. */
  readonly why: string;
}

/** Every rule that is for a process narrows it. */
export interface Policy {
  readonly rules: readonly PolicyRule[];
}

export const NO_POLICY: Policy = { rules: [] };
const MOST_RULES = 1_000;

/** The rules that are for a process of a tenant. */
export function rulesFor(policy: Policy, bpmnProcessId: string, tenantId: string | null): readonly PolicyRule[] {
  return policy.rules.filter(
    ({ process, tenant }) =>
      (process.endsWith('*') ? bpmnProcessId.startsWith(process.slice(0, -1)) : process === bpmnProcessId) &&
      (tenant === undefined || tenant === tenantId),
  );
}

/** What a rule leaves of everything. */
export function setOfRule({ allow, deny }: PolicyRule): Capabilities {
  return { ...(allow ?? EVERYTHING), ...(deny === undefined ? {} : { denied: deny }) };
}

/** What the rules leave of a set. */
export function underRules(set: CapabilitySet, rules: readonly PolicyRule[]): CapabilitySet {
  return rules.reduce<CapabilitySet>((left, rule) => narrow(left, setOfRule(rule)), set);
}

/** One line for a rule; two rules of the same text are the same. */
export function ruleText({ process, tenant, allow, deny, why }: PolicyRule): string {
  const list = (grants: Grants): string =>
    KINDS.flatMap((kind) => (grants[kind] ?? []).map((grant) => `${kind}:${grantText(grant)}`)).join(' ') || 'nothing';
  const whom = tenant === undefined ? process : `${process} of tenant ${tenant ?? 'none'}`;
  const what = [
    ...(allow === undefined ? [] : [`may use only ${list(allow)}`]),
    ...(deny === undefined ? [] : [`may not use ${list(deny)}`]),
  ];
  return `${whom} ${what.join(' and ')}: ${why}`;
}

/** What is proposed and does not hold yet, each rule once. */
export function rulesMissing(policy: Policy, proposed: readonly PolicyRule[]): readonly PolicyRule[] {
  const held = new Set(policy.rules.map(ruleText));
  return proposed.filter((rule) => {
    const text = ruleText(rule);
    return !held.has(text) && held.add(text);
  });
}

/** What is wrong with a value that should be a policy; each a sentence. */
export function policyProblems(value: unknown): readonly string[] {
  if (!isObject(value) || !Array.isArray(value['rules'])) return ['A policy is an object with a list "rules".'];
  if (value['rules'].length > MOST_RULES) return [`A policy has at most ${MOST_RULES} rules.`];
  return value['rules'].flatMap((rule: unknown, at) => ruleProblems(rule).map((text) => `Rule ${at + 1}: ${text}.`));
}

function ruleProblems(rule: unknown): string[] {
  if (!isObject(rule)) return ['it is no object'];
  const { process, tenant, why, allow, deny, ...others } = rule;
  const unknown = Object.keys(others).map((name) => `there is no "${name}" in a rule`);
  const wrong = [
    ...(typeof process === 'string' && process !== '' && !/\*./.test(process)
      ? []
      : ['"process" must be a process id, or its beginning and *']),
    ...(tenant === undefined || tenant === null || typeof tenant === 'string' ? [] : ['"tenant" must be text or null']),
    ...(typeof why === 'string' && why.trim() !== '' ? [] : ['"why" is missing: say the reason']),
    ...(allow === undefined && deny === undefined ? ['it neither allows nor denies anything'] : []),
  ];
  return [...unknown, ...wrong, ...grantsProblems('allow', allow), ...grantsProblems('deny', deny)];
}

function grantsProblems(what: string, grants: unknown): string[] {
  if (grants === undefined) return [];
  if (!isObject(grants)) return [`"${what}" must be an object of lists`];
  return Object.entries(grants).flatMap(([kind, list]) => {
    if (!isKind(kind)) return [`"${what}" has no kind ${kind}; there are ${KINDS.join(', ')}`];
    if (!Array.isArray(list)) return [`${kind} in "${what}" must be a list`];
    return list.flatMap((grant: unknown) => {
      const problem = isGrant(grant) ? grantProblem(kind, grant) : 'an object with a name is expected';
      return problem === undefined ? [] : [`${kind} in "${what}": ${problem}`];
    });
  });
}

function isKind(name: string): name is Kind {
  return KINDS.some((kind) => kind === name);
}

function isGrant(value: unknown): value is Grant {
  if (!isObject(value) || typeof value['name'] !== 'string') return false;
  const { name: _, sandbox, access, ...others } = value;
  const level = sandbox === undefined || SANDBOX_LEVELS.some((one) => one === sandbox);
  const known = access === undefined || access === 'read' || access === 'write';
  return level && known && Object.keys(others).length === 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
