/** What every rule of the deploy check is given and what it finds. */
import type { Dialect } from '../model.ts';
import type { Node } from '../read/moddle.ts';

/** A flow element of an executable process, with the process or sub-process directly around it; or a global task, in the file. */
export interface Placed {
  readonly node: Node;
  readonly scope: Node;
}

export interface Subject {
  readonly dialect: Dialect;
  /** Java classes and delegate expressions that are mapped to topics. */
  readonly delegates: Readonly<Record<string, string>>;
  /** Executable processes, in document order. */
  readonly processes: readonly Node[];
  /** Processes and sub-processes of every kind. */
  readonly scopes: readonly Node[];
  /** All flow elements of executable processes, sequence flows and data included, and the global tasks. */
  readonly elements: readonly Placed[];
  /** Sequence flows by the element that they leave. */
  readonly outgoing: ReadonlyMap<Node, readonly Node[]>;
  /** Associations and annotations of all scopes. */
  readonly artifacts: readonly Node[];
}

export interface Finding {
  readonly severity?: 'warning';
  readonly rule: string;
  /** What is wrong and what to do about it. */
  readonly message: string;
  /** Where: the element or the nearest one around it that has an id. */
  readonly node: Node;
}

/** One rule: looks at the parsed tree, changes nothing, yields what it finds. */
export type Rule = (subject: Subject) => Iterable<Finding>;

/** How an element is called in a message: its name or id. */
export function title(node: Node): string {
  const kind = node.$type.replace(/^bpmn:/, '');
  const name = node.get('name');
  return typeof name === 'string' && name.trim() !== ''
    ? `${kind} "${name.trim().replace(/\s+/g, ' ')}"`
    : `${kind} ${node.id ?? ''}`.trim();
}
