/** Evaluates a decision with all that it requires: inputs, other decisions, knowledge models, services, imported files. */
import { ExpressionFailure, failureText } from '../expression/failure.ts';
import { typedArguments } from '../expression/feel/compile-calls.ts';
import { readType } from '../expression/feel/parse-type.ts';
import { FeelFunction, type FeelValue, isContext, newContext, type Parameter } from '../expression/feel/values.ts';
import type { Json } from '../values.ts';
import { evaluateLogic, functionOf } from './boxed.ts';
import { type Clock, FeelRunner, type FileNames, type Names, Scope } from './feel.ts';
import { membersOf } from './members.ts';
import type { BusinessKnowledge, Decision, DecisionModel, DecisionService, InputData } from './model.ts';
import type { TableTrace } from './table.ts';
import { type Place, Trace } from './trace.ts';
import { conform, conformResult, typedInput, typesOf } from './types.ts';

export interface DecisionContext extends Clock {
  /** The value that a name has outside; undefined when it has none. JSON, or a value of FEEL as it is. */
  lookup(name: string): FeelValue | undefined;
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
      /** Rules that matched, where the decision is a table: a null may come of one or of none. */
      readonly hits: number;
    }
  | { readonly ok: false; readonly message: string };

/** Never throws. `decisionId` may also be the id of a decision service. */
export function evaluateDecision(model: DecisionModel, decisionId: string, context: DecisionContext): DecisionOutcome {
  try {
    const { value, runner, trace } = evaluateInFeel(model, decisionId, context);
    const json = runner.json(value);
    const { warnings } = runner;
    if (context.strict === true && warnings.length > 0) return { ok: false, message: warnings.join('; ') };
    return { ok: true, value: json, warnings, trace: trace.json(), hits: trace.hits };
  } catch (error) {
    return { ok: false, message: failureText(error) };
  }
}

/** The value before it becomes JSON. Throws ExpressionFailure. */
export function evaluateInFeel(
  model: DecisionModel,
  decisionId: string,
  context: DecisionContext,
): { readonly value: FeelValue; readonly runner: FeelRunner; readonly trace: Trace } {
  const runner = new FeelRunner({ now: context.now, zone: context.zone });
  const trace = new Trace(runner);
  const evaluation = new Evaluation(model, context, { runner, trace });
  return { value: evaluation.result(decisionId), runner, trace };
}

/** What all evaluations of files and services on the way to one result have in common. */
interface Shared {
  readonly runner: FeelRunner;
  readonly trace: Trace;
}

/** One evaluation of one file; imported files and decision services have evaluations of their own. */
class Evaluation {
  readonly #model: DecisionModel;
  readonly #context: DecisionContext;
  readonly #shared: Shared;
  readonly #place: Place;
  readonly #file: FileNames;
  /** Knows the types of the file, and no names but those outside. */
  readonly #outside: Scope;
  readonly #results = new Map<string, FeelValue>();
  readonly #imports = new Map<string, Evaluation | undefined>();

  constructor(model: DecisionModel, context: DecisionContext, shared: Shared, place: Place = {}) {
    this.#model = model;
    this.#context = context;
    this.#shared = shared;
    this.#place = place;
    const types = typesOf(model, (namespace) => context.resolve?.(namespace));
    this.#file = { types, members: membersOf(model) };
    const outside: Names = { lookup: (name) => context.lookup(name), names: () => context.names() };
    this.#outside = new Scope(shared.runner, this.#file, new Map(), outside);
  }

  result(id: string): FeelValue {
    const decision = this.#model.decisions.find((one) => one.id === id);
    if (decision !== undefined) return this.#decision(decision);
    const service = this.#model.services.find((one) => one.id === id);
    if (service === undefined) throw new ExpressionFailure(`There is no decision with the id '${id}'`);
    const called = this.#service(service);
    const args = called.parameters.map(({ name, type }) =>
      typedInput(this.#context.lookup(name) ?? null, type, this.#outside),
    );
    return called.invoke(args, this.#outside.run);
  }

  #decision(decision: Decision): FeelValue {
    const known = this.#results.get(decision.id);
    if (known !== undefined) return known;
    const value = this.#shared.trace.record(decision, this.#place, () => {
      const { inputs, decisions, knowledge } = decision;
      const scope = this.#outside.with(this.#required([...inputs, ...decisions, ...knowledge]));
      let table: TableTrace | undefined;
      const keep = (trace: TableTrace) => {
        table = trace;
      };
      const raw = decision.logic === undefined ? null : evaluateLogic(decision.logic, scope, keep);
      return { value: conform(raw, decision.typeRef, scope, `the result of decision "${decision.name}"`), table };
    });
    this.#results.set(decision.id, value);
    return value;
  }

  /** Everything that is required, under its names. */
  #required(ids: readonly string[]): Map<string, FeelValue> {
    const names = new Map<string, FeelValue>();
    for (const id of ids) {
      if (id.includes('#')) this.#import(id, names);
      else this.#require(id, names);
    }
    return names;
  }

  #require(id: string, names: Map<string, FeelValue>): void {
    const input = this.#model.inputs.find((one) => one.id === id);
    if (input !== undefined) names.set(input.name, this.#input(input));
    const decision = this.#model.decisions.find((one) => one.id === id);
    if (decision !== undefined) names.set(decision.variable, this.#decision(decision));
    const knowledge = this.#model.knowledge.find((one) => one.id === id);
    if (knowledge !== undefined) names.set(knowledge.name, this.#knowledge(knowledge));
    const service = this.#model.services.find((one) => one.id === id);
    if (service !== undefined) names.set(service.name, this.#service(service));
  }

  /** What another file has is seen as a context under the name of the import. */
  #import(reference: string, names: Map<string, FeelValue>): void {
    const [namespace = '', id = ''] = reference.split('#');
    const name = this.#model.imports.find((one) => one.namespace === namespace)?.name ?? '';
    if (!this.#imports.has(namespace)) {
      const model = this.#context.resolve?.(namespace);
      const place = { file: name || (model?.name ?? '') };
      this.#imports.set(namespace, model === undefined ? undefined : this.#beside(model, place));
    }
    const imported = this.#imports.get(namespace);
    if (imported === undefined)
      throw new ExpressionFailure(`The file with namespace '${namespace}' is not deployed with this one`);
    if (name === '') {
      imported.#require(id, names);
      return;
    }
    const before = names.get(name);
    const inner = new Map(before !== undefined && isContext(before) ? Object.entries(before) : []);
    imported.#require(id, inner);
    names.set(name, newContext(inner));
  }

  /** For another file or a service; what stands outside of both is kept for the trace. */
  #beside(model: DecisionModel, place: Place, context: DecisionContext = this.#context): Evaluation {
    return new Evaluation(model, context, this.#shared, { ...this.#place, ...place });
  }

  #input({ name, typeRef }: InputData): FeelValue {
    const value = this.#context.lookup(name) ?? null;
    if (typeRef === undefined) return value;
    return conform(typedInput(value, readType(typeRef), this.#outside), typeRef, this.#outside, `input "${name}"`);
  }

  #knowledge({ name, knowledge, logic, typeRef }: BusinessKnowledge): FeelFunction {
    if (logic === undefined) return new FeelFunction({ name, parameters: [], invoke: () => null });
    const scope = new Scope(this.#shared.runner, this.#file, this.#required(knowledge));
    const { parameters, invoke } = functionOf(logic, scope);
    return new FeelFunction({
      name,
      parameters,
      ...(typeRef === undefined ? {} : { result: readType(typeRef) }),
      invoke: (args, run) => conformResult(invoke(args, run), typeRef, scope, `the result of "${name}"`),
    });
  }

  #parametersOf({ inputDecisions, inputData }: DecisionService): readonly Parameter[] {
    const parameter = (name: string, typeRef: string | undefined) =>
      typeRef === undefined ? { name } : { name, type: readType(typeRef) };
    const { inputs, decisions } = this.#model;
    return [
      ...inputData
        .flatMap((id) => inputs.filter((one) => one.id === id))
        .map((one) => parameter(one.name, one.typeRef)),
      ...inputDecisions
        .flatMap((id) => decisions.filter((one) => one.id === id))
        .map((one) => parameter(one.variable, one.typeRef)),
    ];
  }

  #service(service: DecisionService): FeelFunction {
    const parameters = this.#parametersOf(service);
    return new FeelFunction({
      name: service.name,
      parameters,
      invoke: (args) => {
        const given = typedArguments(parameters, args, this.#outside.run);
        if (given === undefined) return null;
        const values = new Map(parameters.map(({ name }, index) => [name, given[index] ?? null]));
        const outside = { lookup: (name: string) => values.get(name), names: () => values.keys() };
        const inner = this.#beside(this.#model, { service: service.name }, { ...this.#context, ...outside });
        for (const id of service.inputDecisions) {
          const decision = this.#model.decisions.find((one) => one.id === id);
          if (decision !== undefined) inner.#results.set(id, values.get(decision.variable) ?? null);
        }
        const outputs = service.output.flatMap((id) => this.#model.decisions.filter((one) => one.id === id));
        const [only, ...others] = outputs;
        const result =
          only !== undefined && others.length === 0
            ? inner.#decision(only)
            : newContext(outputs.map((decision) => [decision.variable, inner.#decision(decision)]));
        return conformResult(result, service.typeRef, this.#outside, `the result of "${service.name}"`);
      },
    });
  }
}
