/** Evaluates a decision with all that it requires: tables, boxed expressions, knowledge models, services. */

import { evaluate as evaluateExpression } from '../expression/evaluate.ts';
import { ExpressionFailure, failureText } from '../expression/failure.ts';
import { toFeelValue } from '../expression/feel/values.ts';
import type { Json } from '../values.ts';
import { type Clock, callable, type Feel, type FeelCallable, FeelRunner, type Scope, typedInput } from './feel.ts';
import type {
  BusinessKnowledge,
  Decision,
  DecisionModel,
  DecisionService,
  DecisionText,
  InputData,
  Logic,
} from './model.ts';
import { evaluateTable, type TableTrace } from './table.ts';
import { type Place, Trace } from './trace.ts';
import { conform } from './types.ts';

export interface DecisionContext extends Clock {
  /** The value that a name has outside; undefined when it has none. */
  lookup(name: string): Json | undefined;
  /** All names that have one: Camunda's tables use variables without requiring them as inputs. */
  names(): Iterable<string>;
  /** Every silent null fails the evaluation. */
  readonly strict?: boolean;
  /** Other files, for imports. */
  resolve?(namespace: string): DecisionModel | undefined;
}

export type DecisionOutcome =
  | {
      readonly ok: true;
      readonly value: Json;
      /** What was null because something was wrong. */
      readonly warnings: readonly string[];
      /** The decisions that were evaluated, in order, with inputs and matched rules. */
      readonly trace: Json;
    }
  | { readonly ok: false; readonly message: string };

/** Nested functions and boxed expressions deeper than this are a runaway recursion. */
const MAX_DEPTH = 200;

/** Never throws. `decisionId` may also be the id of a decision service. */
export function evaluateDecision(model: DecisionModel, decisionId: string, context: DecisionContext): DecisionOutcome {
  const feel = new FeelRunner(context);
  try {
    const trace = new Trace(feel);
    const run = new Run(model, context, { feel, trace });
    const value = feel.json(run.result(decisionId));
    const { warnings } = feel;
    if (context.strict === true && warnings.length > 0) return { ok: false, message: warnings.join('; ') };
    return { ok: true, value, warnings, trace: trace.json() };
  } catch (error) {
    return { ok: false, message: failureText(error) };
  }
}

/** What all runs of one evaluation have in common. */
interface Shared {
  readonly feel: FeelRunner;
  readonly trace: Trace;
}

/** One evaluation of one file; imported files and decision services have runs of their own. */
class Run {
  readonly #model: DecisionModel;
  readonly #context: DecisionContext;
  readonly #feel: FeelRunner;
  readonly #results = new Map<string, Feel>();
  readonly #imports = new Map<string, Run | undefined>();
  readonly #trace: Trace;
  readonly #place: Place;
  #depth = 0;
  #variables: Scope | undefined;

  constructor(model: DecisionModel, context: DecisionContext, shared: Shared, place: Place = {}) {
    this.#model = model;
    this.#context = context;
    this.#feel = shared.feel;
    this.#trace = shared.trace;
    this.#place = place;
  }

  result(id: string): Feel {
    const decision = this.#model.decisions.find((one) => one.id === id);
    if (decision !== undefined) return this.#decision(decision);
    const service = this.#model.services.find((one) => one.id === id);
    if (service !== undefined) {
      const names = this.#parametersOf(service).map(({ name }) => name);
      return this.#service(service)(...names.map((name) => toFeelValue(this.#context.lookup(name) ?? null)));
    }
    throw new ExpressionFailure(`There is no decision with the id '${id}'`);
  }

  #decision(decision: Decision): Feel {
    if (this.#results.has(decision.id)) return this.#results.get(decision.id);
    const value = this.#trace.record(decision, this.#place, () => {
      const scope = this.#scopeOf(decision);
      let table: TableTrace | undefined;
      const keep = (trace: TableTrace) => {
        table = trace;
      };
      const raw = decision.logic === undefined ? null : this.#logic(decision.logic, scope, keep);
      const what = `the result of decision "${decision.name}"`;
      return { value: conform(raw, decision.typeRef, this.#model.types, this.#feel, what), table };
    });
    this.#results.set(decision.id, value);
    return value;
  }

  /** Everything that the decision requires, under its names. */
  #scopeOf({ inputs, decisions, knowledge }: Pick<Decision, 'inputs' | 'decisions' | 'knowledge'>): Scope {
    const scope: Record<string, Feel> = { ...this.#outside() };
    for (const id of [...inputs, ...decisions, ...knowledge]) {
      if (id.includes('#')) this.#import(id, scope);
      else this.#require(id, scope);
    }
    return scope;
  }

  #outside(): Scope {
    const { lookup } = this.#context;
    this.#variables ??= Object.fromEntries(
      [...this.#context.names()].map((name) => [name, toFeelValue(lookup.call(this.#context, name) ?? null)]),
    );
    return this.#variables;
  }

  #require(id: string, scope: Record<string, Feel>): void {
    const input = this.#model.inputs.find((one) => one.id === id);
    if (input !== undefined) scope[input.name] = this.#input(input);
    const decision = this.#model.decisions.find((one) => one.id === id);
    if (decision !== undefined) scope[decision.variable] = this.#decision(decision);
    const knowledge = this.#model.knowledge.find((one) => one.id === id);
    if (knowledge !== undefined) scope[knowledge.name] = this.#knowledge(knowledge);
    const service = this.#model.services.find((one) => one.id === id);
    if (service !== undefined) scope[service.name] = this.#service(service);
  }

  /** What another file has is seen as a context under the name of the import. */
  #import(reference: string, scope: Record<string, Feel>): void {
    const [namespace = '', id = ''] = reference.split('#');
    const known = this.#model.imports.find((one) => one.namespace === namespace);
    if (!this.#imports.has(namespace)) {
      const model = this.#context.resolve?.(namespace);
      this.#imports.set(
        namespace,
        model === undefined ? undefined : this.#run(model, { file: known?.name || model.name }),
      );
    }
    const run = this.#imports.get(namespace);
    if (run === undefined)
      throw new ExpressionFailure(`The file with namespace '${namespace}' is not deployed with this one`);
    const inner: Record<string, Feel> = { ...((scope[known?.name ?? ''] as Scope | undefined) ?? {}) };
    run.#require(id, inner);
    if (known?.name === undefined || known.name === '') Object.assign(scope, inner);
    else scope[known.name] = inner;
  }

  /** For another file or a service; what stands outside of both is kept for the trace. */
  #run(model: DecisionModel, place: Place, context: DecisionContext = this.#context): Run {
    return new Run(model, context, { feel: this.#feel, trace: this.#trace }, { ...this.#place, ...place });
  }

  #input({ name, typeRef }: InputData): Feel {
    const value = typedInput(toFeelValue(this.#context.lookup(name) ?? null), typeRef);
    return conform(value, typeRef, this.#model.types, this.#feel, `input "${name}"`);
  }

  #knowledge({ name, knowledge, logic, typeRef }: BusinessKnowledge): FeelCallable {
    const scope: Record<string, Feel> = {};
    for (const id of knowledge) {
      if (id.includes('#')) this.#import(id, scope);
      else this.#require(id, scope);
    }
    if (logic === undefined) return callable([], () => null);
    const run = this.#logic(logic, scope) as FeelCallable;
    return callable(run.$args, (...values) =>
      conform(run(...values), typeRef, this.#model.types, this.#feel, `the result of "${name}"`),
    );
  }

  #parametersOf({
    inputDecisions,
    inputData,
  }: DecisionService): readonly { readonly name: string; readonly typeRef?: string }[] {
    return [
      ...inputData.flatMap((id) => this.#model.inputs.filter((one) => one.id === id)),
      ...inputDecisions.flatMap((id) => {
        const decision = this.#model.decisions.find((one) => one.id === id);
        return decision === undefined
          ? []
          : [{ name: decision.variable, ...(decision.typeRef === undefined ? {} : { typeRef: decision.typeRef }) }];
      }),
    ];
  }

  #service(service: DecisionService): FeelCallable {
    const parameters = this.#parametersOf(service);
    return callable(
      parameters.map(({ name }) => name),
      (...values) => {
        const given = new Map(
          parameters.map(({ name, typeRef }, index) => [name, this.#typed(name, values[index], typeRef)]),
        );
        const lookup = (name: string) => this.#feel.json(given.get(name));
        const context = { ...this.#context, lookup, names: () => given.keys() };
        const run = this.#run(this.#model, { service: service.name }, context);
        for (const id of service.inputDecisions) {
          const decision = this.#model.decisions.find((one) => one.id === id);
          if (decision !== undefined) run.#results.set(id, given.get(decision.variable));
        }
        const outputs = service.output.flatMap((id) => this.#model.decisions.filter((one) => one.id === id));
        const [only, ...others] = outputs;
        if (only !== undefined && others.length === 0) return run.#decision(only);
        return Object.fromEntries(outputs.map((decision) => [decision.variable, run.#decision(decision)]));
      },
    );
  }

  #typed(name: string, value: Feel, typeRef: string | undefined): Feel {
    return conform(value, typeRef, this.#model.types, this.#feel, `"${name}"`);
  }

  #logic(logic: Logic, scope: Scope, onTable?: (trace: TableTrace) => void): Feel {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new ExpressionFailure('The decision calls itself without end');
    try {
      return this.#evaluate(logic, scope, onTable);
    } finally {
      this.#depth -= 1;
    }
  }

  #evaluate(logic: Logic, scope: Scope, onTable: ((trace: TableTrace) => void) | undefined): Feel {
    switch (logic.kind) {
      case 'literal':
        return this.#text(logic.expression, scope);
      case 'table': {
        const work = { feel: this.#feel, types: this.#model.types, evaluate: this.#text.bind(this) };
        const { value, trace } = evaluateTable(logic, scope, work);
        onTable?.(trace);
        return value;
      }
      case 'context': {
        const entries: Record<string, Feel> = {};
        for (const { name, typeRef, value } of logic.entries) {
          const found = this.#typed(name ?? 'the result', this.#logic(value, { ...scope, ...entries }), typeRef);
          if (name === undefined) return found;
          entries[name] = found;
        }
        return entries;
      }
      case 'list':
        return logic.items.map((item) => this.#logic(item, scope));
      case 'relation':
        return logic.rows.map((row) =>
          Object.fromEntries(row.map((cell, column) => [logic.columns[column] ?? '', this.#logic(cell, scope)])),
        );
      case 'function': {
        const names = logic.parameters.map(({ name }) => name);
        return callable(names, (...values) => {
          const given = logic.parameters.map(({ name, typeRef }, index) => [
            name,
            this.#typed(name, values[index], typeRef),
          ]);
          return this.#logic(logic.body, { ...scope, ...Object.fromEntries(given) });
        });
      }
      case 'invocation': {
        const called = Object.hasOwn(scope, logic.called.text)
          ? scope[logic.called.text]
          : this.#text(logic.called, scope);
        const given = new Map(logic.bindings.map(({ name, value }) => [name, this.#logic(value, scope)]));
        if (typeof called === 'function' && '$args' in called) {
          const { $args } = called as FeelCallable;
          return (called as FeelCallable)(...$args.map((name) => given.get(name) ?? null));
        }
        const names = [...given.keys()].map((name, index) => `${name}: binding_${index}`);
        const values = Object.fromEntries([...given.values()].map((value, index) => [`binding_${index}`, value]));
        return this.#feel.value(`${logic.called.text}(${names.join(', ')})`, { ...scope, ...values });
      }
      case 'conditional':
        return this.#logic(this.#logic(logic.test, scope) === true ? logic.yes : logic.no, scope);
      case 'filter':
        return this.#filter(logic, scope);
      case 'iterator':
        return this.#iterate(logic, scope);
    }
  }

  #filter({ in: source, match }: Logic & { readonly kind: 'filter' }, scope: Scope): Feel {
    const list = listOf(this.#logic(source, scope));
    const first = this.#logic(match, { ...scope, item: list[0] ?? null });
    if (typeof first === 'number') return (first < 0 ? list[list.length + first] : list[first - 1]) ?? null;
    return list.filter((item) => {
      const own = typeof item === 'object' && item !== null && !Array.isArray(item) ? (item as Scope) : {};
      return this.#logic(match, { ...scope, ...own, item }) === true;
    });
  }

  #iterate(logic: Logic & { readonly kind: 'iterator' }, scope: Scope): Feel {
    const list = listOf(this.#logic(logic.in, scope));
    if (logic.mode === 'for') {
      const partial: Feel[] = [];
      for (const item of list)
        partial.push(this.#logic(logic.body, { ...scope, [logic.variable]: item, partial: [...partial] }));
      return partial;
    }
    const holds = (item: Feel) => this.#logic(logic.body, { ...scope, [logic.variable]: item }) === true;
    return logic.mode === 'some' ? list.some(holds) : list.every(holds);
  }

  #text({ text, language }: DecisionText, scope: Scope): Feel {
    if (text === '') return null;
    if (language === 'feel') return this.#feel.value(text, scope);
    const juel = /[$#]\{/.test(text) ? text : `\${${text}}`;
    const result = evaluateExpression(
      { language: 'juel', text: juel },
      {
        now: this.#context.now,
        zone: this.#context.zone,
        lookup: (name) => (Object.hasOwn(scope, name) ? this.#feel.json(scope[name]) : this.#context.lookup(name)),
        names: () => Object.keys(scope),
      },
    );
    if (!result.ok) throw new ExpressionFailure(result.message);
    return toFeelValue(result.value);
  }
}

function listOf(value: Feel): readonly Feel[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
