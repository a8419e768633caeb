/** Parses BPMN XML with bpmn-moddle and gives a small typed view of the tree that it builds. */
import { BpmnModdle } from 'bpmn-moddle';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json' with { type: 'json' };
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json' with { type: 'json' };
import type { Dialect } from '../model.ts';
import { rememberingHandler } from './known-children.ts';
import procos from './procos-moddle.json' with { type: 'json' };

/** An element of the parsed tree. `$type` is the normalised name, e.g. `bpmn:StartEvent`, whatever prefix the file uses. */
export interface Node {
  readonly $type: string;
  readonly id?: string;
  readonly $parent?: Node;
  readonly $attrs?: Readonly<Record<string, string>>;
  get(name: string): unknown;
}

export interface ParseWarning {
  readonly message: string;
  readonly element?: Node;
  readonly property?: string;
  readonly value?: string;
}

export interface Parsed {
  readonly root: Node;
  readonly warnings: readonly ParseWarning[];
}

/** Global tasks have the attributes of the tasks they are; Camunda's descriptor gives them to tasks inside a process only. */
const GLOBAL_TASKS: ReadonlyMap<string, string> = new Map([
  ['bpmn:UserTask', 'bpmn:GlobalUserTask'],
  ['bpmn:ScriptTask', 'bpmn:GlobalScriptTask'],
  ['bpmn:BusinessRuleTask', 'bpmn:GlobalBusinessRuleTask'],
]);

const CAMUNDA = {
  ...camunda,
  types: camunda.types.map((type) =>
    type.extends === undefined
      ? type
      : { ...type, extends: type.extends.flatMap((name) => [name, GLOBAL_TASKS.get(name) ?? []].flat()) },
  ),
};

const moddles = new Map<Dialect, BpmnModdle>();

/** Made once: its types are worked out from the descriptors as they are first met, which takes longer than most files. */
function moddleOf(dialect: Dialect): BpmnModdle {
  let moddle = moddles.get(dialect);
  if (moddle === undefined) {
    moddle = new BpmnModdle(dialect === 'camunda7' ? { camunda: CAMUNDA, procos } : { zeebe, procos });
    // bpmn-moddle makes a getter of its own for the type of each element, and V8 keeps what has one of those as a hash table.
    moddle.properties.define = Object.defineProperty;
    // bpmn-moddle takes the script of a global script task for an attribute; the schema of BPMN 2.0.2 has it as an element.
    for (const property of moddle.registry.typeMap['bpmn:GlobalScriptTask']?.properties ?? [])
      if (property.name === 'bpmn:script') property.isAttr = false;
    moddles.set(dialect, moddle);
  }
  return moddle;
}

/**
 * Parses leniently, so that all problems can be listed. Only one of Camunda's extension packages is registered: with both of them,
 * bpmn-moddle loses the `<process>` without a word.
 */
export async function parse(xml: string, dialect: Dialect): Promise<Parsed> {
  const moddle = moddleOf(dialect);
  const { rootElement, warnings } = await moddle.fromXML(xml, 'bpmn:Definitions', {
    lax: true,
    handler: rememberingHandler,
  });
  return { root: rootElement as Node, warnings: warnings as ParseWarning[] };
}

/** The text of an attribute or text-valued child; undefined when absent or blank. */
export function text(node: Node | undefined, name: string): string | undefined {
  const value = node?.get(name);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** A boolean attribute; the BPMN default where moddle knows one. */
export function flag(node: Node, name: string): boolean | undefined {
  const value = node.get(name);
  if (typeof value === 'string') return value === 'true';
  return typeof value === 'boolean' ? value : undefined;
}

/** Most elements have few of the children that they may have: bpmn-moddle would first look through its types, then make an empty list. */
function held(node: Node | undefined, name: string): unknown {
  return node !== undefined && name in node ? node.get(name) : undefined;
}

/** A single child or a resolved reference. */
export function child(node: Node | undefined, name: string): Node | undefined {
  const value = held(node, name);
  return isNode(value) ? value : undefined;
}

const NONE: readonly Node[] = [];

/** Children or resolved references, in document order. */
export function children(node: Node | undefined, name: string): readonly Node[] {
  const value = held(node, name);
  return Array.isArray(value) ? value.filter(isNode) : NONE;
}

/** The body of an expression-like child such as `bpmn:timeDuration` or `bpmn:condition`. */
export function body(node: Node | undefined, name: string): string | undefined {
  return text(child(node, name), 'body');
}

/** Everything below `bpmn:extensionElements`. */
export function extensions(node: Node | undefined): readonly Node[] {
  return children(child(node, 'extensionElements'), 'values');
}

/** The first extension element of a type, e.g. `zeebe:TaskDefinition`. */
export function extension(node: Node | undefined, type: string): Node | undefined {
  return extensions(node).find((found) => found.$type === type);
}

/** Inline event definitions and those referenced from the root, in that order. */
export function eventDefinitions(node: Node): readonly Node[] {
  const inline = children(node, 'eventDefinitions');
  const referenced = children(node, 'eventDefinitionRef');
  return referenced.length === 0 ? inline : [...inline, ...referenced];
}

const SUB_PROCESSES: ReadonlySet<string> = new Set(['bpmn:SubProcess', 'bpmn:Transaction', 'bpmn:AdHocSubProcess']);

/** A sub-process of any kind. */
export function isScope(node: Node): boolean {
  return SUB_PROCESSES.has(node.$type);
}

/** The nearest id, looking upwards: extension elements rarely carry one. */
export function nearestId(node: Node | undefined): string | undefined {
  let current = node;
  while (current !== undefined) {
    if (typeof current.id === 'string' && current.id !== '') return current.id;
    current = current.$parent;
  }
  return undefined;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && '$type' in value;
}
