/** What a row of the support matrix is: one thing BPMN or a dialect names, with the story that proves it in each dialect. */
import type { Dialect, ElementType, EventDefinition } from '@procos/bpmn';
import type { Lab } from './lab.ts';

/** Where an event can stand (BPMN 2.0.2, table 10.93). */
export type Position =
  | 'process start'
  | 'event sub-process, interrupting'
  | 'event sub-process, non-interrupting'
  | 'catch'
  | 'boundary, interrupting'
  | 'boundary, non-interrupting'
  | 'throw'
  | 'end';

/** Every kind of the model; several at once may also be a parallel multiple event. */
export type EventKind = EventDefinition['kind'] | 'parallel multiple';

/** Runs a model against the engine and asserts what defines the row; a row without it says nothing. */
export type Story = (lab: Lab) => void | Promise<void>;

/** How a row stands in one dialect. */
export type Cell =
  | { readonly kind: 'runs'; readonly story: Story }
  /** Something of what the row names runs, and `note` says what does not. */
  | { readonly kind: 'partly'; readonly note: string; readonly story: Story }
  /** Accepted and without effect; the story asserts the warning that says so. */
  | { readonly kind: 'no effect'; readonly note: string; readonly story: Story }
  /** The deploy check refuses it; the story asserts by which rule. */
  | { readonly kind: 'refused'; readonly note: string; readonly story: Story }
  /** Nothing to run: the dialect cannot spell it, or the specification has no such thing (then the story asserts that it is refused). */
  | { readonly kind: 'none'; readonly note: string; readonly story?: Story };

export interface Row {
  /** Heading of its table. */
  readonly group: string;
  /** Unique; by it the answers of other engines are found. */
  readonly id: string;
  /** First column. */
  readonly name: string;
  readonly element: ElementType | 'sequenceFlow';
  /** Events only. */
  readonly event?: EventKind;
  readonly position?: Position;
  readonly cells: Readonly<Record<Dialect, Cell>>;
}

export const DIALECTS: readonly Dialect[] = ['camunda7', 'camunda8'];

export function runs(story: Story): Cell {
  return { kind: 'runs', story };
}

export function partly(note: string, story: Story): Cell {
  return { kind: 'partly', note, story };
}

export function refused(note: string, story: Story): Cell {
  return { kind: 'refused', note, story };
}

export function noEffect(note: string, story: Story): Cell {
  return { kind: 'no effect', note, story };
}

export function none(note: string, story?: Story): Cell {
  return { kind: 'none', note, ...(story === undefined ? {} : { story }) };
}

/** The same story in both dialects. */
export function both(story: Story): Row['cells'] {
  return { camunda7: runs(story), camunda8: runs(story) };
}

export const ZEEBE_HAS_NONE = 'Camunda 8 has no attribute for it';
export const CAMUNDA_HAS_NONE = 'Camunda 7 has no attribute for it';

/** An extension of Camunda 7 that Camunda 8 does not have. */
export function camunda7(story: Story, without: string = ZEEBE_HAS_NONE): Row['cells'] {
  return { camunda7: runs(story), camunda8: none(without) };
}

/** An extension of Camunda 7 that does not run. */
export function camunda7Cell(cell: Cell, without: string = ZEEBE_HAS_NONE): Row['cells'] {
  return { camunda7: cell, camunda8: none(without) };
}

/** An extension of Camunda 8 that does not run. */
export function camunda8Cell(cell: Cell, without: string = CAMUNDA_HAS_NONE): Row['cells'] {
  return { camunda7: none(without), camunda8: cell };
}

/** An extension of Camunda 8 that Camunda 7 does not have. */
export function camunda8(story: Story, without: string = CAMUNDA_HAS_NONE): Row['cells'] {
  return { camunda7: none(without), camunda8: runs(story) };
}

/** Rows of one table, all about elements of one type unless they say otherwise. */
export function table(
  group: string,
  element: Row['element'],
  rows: readonly (readonly [id: string, name: string, cells: Row['cells'], element?: Row['element']])[],
): Row[] {
  return rows.map(([id, name, cells, own]) => ({ group, id, name, element: own ?? element, cells }));
}
