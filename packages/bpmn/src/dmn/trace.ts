/** What was evaluated on the way to a result: each decision with its inputs, matched rules and warnings. */

import type { FeelValue } from '../expression/feel/values.ts';
import { type Json, jsonOf } from '../values.ts';
import type { FeelRunner } from './feel.ts';
import type { Decision } from './model.ts';
import type { TableTrace } from './table.ts';

/** One evaluation of one decision, as the history keeps it. */
export interface TracedDecision {
  readonly decisionId: string;
  readonly name: string;
  readonly value: Json;
  /** Those of a decision table. */
  readonly inputs?: readonly { readonly label: string; readonly value: Json }[];
  /** The rules that count, the first is 1; of a decision table. */
  readonly rules?: readonly { readonly id: string; readonly index: number; readonly outputs: Json }[];
  /** What was null because something was wrong, in this decision itself. */
  readonly warnings?: readonly string[];
  /** Name of the decision service that it was evaluated in. */
  readonly service?: string;
  /** Name of the imported file that it stands in. */
  readonly file?: string;
  /** How many evaluations inside decision services are not listed; only of the last decision. */
  readonly omitted?: number;
}

/** Where a decision stands, when it is not one of the file itself. */
export interface Place {
  readonly service?: string;
  readonly file?: string;
}

/** A service may be called for each element of a list; this many evaluations inside services are listed. */
const MAX_INSIDE_SERVICES = 1_000;

interface Entry extends Place {
  readonly decision: Decision;
  readonly value: FeelValue;
  readonly table: TableTrace | undefined;
  readonly warnings: readonly string[];
}

/** One for each evaluation, shared by all files and services that take part. */
export class Trace {
  readonly #feel: FeelRunner;
  readonly #entries: Entry[] = [];
  /** Warnings that belong to a decision that is done. */
  readonly #claimed = new Set<number>();
  #inServices = 0;

  constructor(feel: FeelRunner) {
    this.#feel = feel;
  }

  /** Runs the logic of a decision; what it warns of, and no decision inside of it, is its own. */
  record(
    decision: Decision,
    place: Place,
    run: () => { readonly value: FeelValue; readonly table: TableTrace | undefined },
  ): FeelValue {
    const before = this.#feel.warnings.length;
    const { value, table } = run();
    const warnings: string[] = [];
    for (const [offset, warning] of this.#feel.warnings.slice(before).entries()) {
      if (this.#claimed.has(before + offset)) continue;
      this.#claimed.add(before + offset);
      warnings.push(warning);
    }
    if (place.service !== undefined) this.#inServices += 1;
    if (place.service === undefined || this.#inServices <= MAX_INSIDE_SERVICES)
      this.#entries.push({ decision, value, table, warnings, ...place });
    return value;
  }

  /** Rules that matched in the table of the decision that was asked for. */
  get hits(): number {
    return this.#entries.at(-1)?.table?.rules.length ?? 0;
  }

  /** In the order in which they were done: the last is the one that was asked for. */
  json(): Json {
    const omitted = Math.max(0, this.#inServices - MAX_INSIDE_SERVICES);
    const traced: readonly TracedDecision[] = this.#entries.map((entry, index) => ({
      ...this.#written(entry),
      ...(omitted > 0 && index === this.#entries.length - 1 ? { omitted } : {}),
    }));
    return jsonOf(traced);
  }

  #written({ decision, value, table, warnings, ...place }: Entry): TracedDecision {
    const json = (found: FeelValue) => this.#feel.json(found);
    return {
      decisionId: decision.id,
      name: decision.name,
      value: json(value),
      ...(table === undefined
        ? {}
        : {
            inputs: table.inputs.map(({ label, value: given }) => ({ label, value: json(given) })),
            rules: table.rules.map((rule) => ({ ...rule, outputs: json(rule.outputs) })),
          }),
      ...(warnings.length === 0 ? {} : { warnings }),
      ...place,
    };
  }
}
