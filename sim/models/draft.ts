/** A model while it is being drawn: where its elements go, and what bounds it. */
import type { Dialect } from '@procos/bpmn';
import type { Chance } from '../random.ts';
import { type Tag, tag } from './xml.ts';

/** The whole file. */
export class Draft {
  readonly chance: Chance;
  readonly dialect: Dialect;
  /** Messages, signals, errors, escalations, event definitions and global tasks, by id. */
  readonly roots: Map<string, Tag> = new Map();
  /** Elements still to be drawn; nothing big begins without any. */
  budget: number;
  /** Draws everything inside a scope; `id` names its elements. */
  readonly fill: (scope: Scope, id: string) => void;
  #last = 0;

  constructor(chance: Chance, dialect: Dialect, budget: number, fill: Draft['fill']) {
    this.chance = chance;
    this.dialect = dialect;
    this.budget = budget;
    this.fill = fill;
  }

  id(kind: string): string {
    this.#last += 1;
    this.budget -= 1;
    return `${kind}${this.#last}`;
  }

  /** True in `percent` of 100 cases. */
  odds(percent: number): boolean {
    return this.chance.below(100) < percent;
  }

  one<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error('there is nothing to choose from');
    return items[this.chance.below(items.length)] as T;
  }

  /** Several of the items, in their order. */
  some<T>(items: readonly T[], percent = 50): T[] {
    return items.filter(() => this.odds(percent));
  }

  /** A root element, drawn once. */
  root(id: string, make: () => Tag): string {
    if (!this.roots.has(id)) this.roots.set(id, make());
    return id;
  }
}

/** What is true where elements are drawn, from the outside in. */
export interface Around {
  readonly depth: number;
  /** Only names of a higher rank are thrown here: what an event causes never causes that event again. */
  readonly rank: number;
  /** Runs whenever a condition holds: sets no variables and throws nothing, or it would never end. */
  readonly quiet: boolean;
  /** Undoes something: compensates nothing itself. */
  readonly undoes: boolean;
  /** Processes that may be called: only later ones, so that no call comes back. */
  readonly callable: readonly { readonly id: string; readonly rank: number }[];
  /** Activities around that can be undone. */
  readonly undoable: readonly string[];
  /** A cancel end event may stand here: the transaction will have its boundary event. */
  readonly cancelable: boolean;
  readonly kind: 'process' | 'subProcess' | 'transaction' | 'adHocSubProcess' | 'eventSubProcess';
}

/** One process or sub-process while it is being drawn. */
export class Scope {
  readonly draft: Draft;
  readonly around: Around;
  readonly nodes: Tag[] = [];
  readonly flows: Tag[] = [];
  readonly artifacts: Tag[] = [];
  /** Activities directly inside that can be undone. */
  readonly undoable: string[] = [];
  /** On the way back of a loop: a flow more that leads there would let it never end. */
  readonly wayBack: Set<string> = new Set();
  /** A cancel end event is inside, so that the transaction needs a cancel boundary event. */
  cancels = false;

  constructor(draft: Draft, around: Around) {
    this.draft = draft;
    this.around = around;
  }

  add(node: Tag): string {
    this.nodes.push(node);
    return node.attributes['id'] ?? '';
  }

  connect(from: string, to: string, ...content: readonly (Tag | undefined)[]): string {
    const id = `${from}_${to}`;
    const known = this.flows.filter((flow) => flow.attributes['id']?.startsWith(id)).length;
    const unique = known === 0 ? id : `${id}_${known}`;
    this.flows.push(tag('bpmn:sequenceFlow', { id: unique, sourceRef: from, targetRef: to }, ...content));
    return unique;
  }

  /** Puts the attributes on a node that is drawn already. */
  amend(id: string, attributes: Readonly<Record<string, string>>): void {
    const at = this.nodes.findIndex((node) => node.attributes['id'] === id);
    const node = this.nodes[at];
    if (node !== undefined) this.nodes[at] = { ...node, attributes: { ...node.attributes, ...attributes } };
  }

  content(): readonly Tag[] {
    return [...this.nodes, ...this.flows, ...this.artifacts];
  }
}

/** A piece of the flow. No exit: every path inside has come to an end. */
export interface Piece {
  readonly entry: string;
  readonly exit: string | null;
}
