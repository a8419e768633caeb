/** Grants as a person reads and writes them. */
import { type Access, type CapabilitySet, type Grant, type Grants, KINDS, type Kind } from './contract.ts';

/** The element of `procos:security` for a kind; all have their name in an attribute. */
export const ELEMENTS: Readonly<Record<Kind, readonly [element: string, attribute: string]>> = {
  tasks: ['task', 'topic'],
  scripts: ['script', 'language'],
  processes: ['process', 'processId'],
  hosts: ['host', 'name'],
  paths: ['path', 'name'],
  models: ['model', 'name'],
  secrets: ['secret', 'name'],
  databases: ['database', 'name'],
  brokers: ['broker', 'name'],
  programs: ['program', 'name'],
};

/** What has to be added to a block. */
export function elementFor(kind: Kind, name: string, access?: Access): string {
  const [element, attribute] = ELEMENTS[kind];
  return `<procos:${element} ${attribute}="${name}"${access === undefined ? '' : ` access="${access}"`}/>`;
}

/** One line for a grant, without its kind. */
export function grantText({ name, sandbox, access }: Grant): string {
  const more = [
    ...(sandbox === undefined ? [] : [`sandbox ${sandbox}`]),
    ...(access === undefined ? [] : [`only ${access}`]),
  ];
  return more.length === 0 ? name : `${name} (${more.join(', ')})`;
}

/** One line for each thing in a set, as `kind name`. */
export function capabilityLines(set: CapabilitySet): readonly string[] {
  if (set === null) return ['everything but system calls (no procos:security block)'];
  const { denied = {}, classification, access = [], limits = {} } = set;
  return [
    ...grantLines(set),
    ...grantLines(denied).map((line) => `denied ${line}`),
    ...(classification === undefined ? [] : [`dataClassification ${classification}`]),
    ...access.flatMap((rules) => rules.map(({ role, may }) => `role ${role} may ${may.join(', ')}`)),
    ...Object.entries(limits).map(([name, value]) => `limit ${name} ${value}`),
  ];
}

function grantLines(grants: Grants): string[] {
  return KINDS.flatMap((kind) => (grants[kind] ?? []).map((grant) => `${kind} ${grantText(grant)}`));
}
