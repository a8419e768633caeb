/** The boxed expressions of DMN (1.5, 7.3 and 10.2): contexts, lists, relations, functions, invocations, conditions, filters, iterations. */
import { evaluate as evaluateExpression } from '../expression/evaluate.ts';
import { ExpressionFailure } from '../expression/failure.ts';
import { and, or, type Ternary, ternary } from '../expression/feel/compare.ts';
import { typedArguments } from '../expression/feel/compile-calls.ts';
import { filtered } from '../expression/feel/compile-lists.ts';
import { elementsOf } from '../expression/feel/elements.ts';
import { readType } from '../expression/feel/parse-type.ts';
import { FeelFunction, type FeelValue, isContext, isList, newContext } from '../expression/feel/values.ts';
import { expressionOf, type Scope } from './feel.ts';
import type { DecisionText, Logic } from './model.ts';
import { evaluateTable, type TableTrace } from './table.ts';
import { conform } from './types.ts';

type LogicOf<K extends Logic['kind']> = Extract<Logic, { readonly kind: K }>;

/** `onTable` hears which rules of a table match. Throws ExpressionFailure where a bound is passed. */
export function evaluateLogic(logic: Logic, scope: Scope, onTable?: (trace: TableTrace) => void): FeelValue {
  const value = scope.run.deeper(() => unconverted(logic, scope, onTable));
  return logic.typeRef === undefined ? value : conform(value, logic.typeRef, scope, 'an expression');
}

function unconverted(logic: Logic, scope: Scope, onTable: ((trace: TableTrace) => void) | undefined): FeelValue {
  switch (logic.kind) {
    case 'literal':
      return evaluateText(logic.expression, scope);
    case 'table': {
      const { value, trace } = evaluateTable(logic, scope, evaluateText);
      onTable?.(trace);
      return value;
    }
    case 'context':
      return contextOf(logic, scope);
    case 'list':
      return logic.items.map((item) => evaluateLogic(item, scope));
    case 'relation':
      return logic.rows.map((row) =>
        newContext(row.map((cell, column) => [logic.columns[column] ?? '', evaluateLogic(cell, scope)])),
      );
    case 'function':
      return functionOf(logic, scope);
    case 'invocation':
      return invocationOf(logic, scope);
    case 'conditional':
      return evaluateLogic(evaluateLogic(logic.test, scope) === true ? logic.yes : logic.no, scope);
    case 'filter':
      return filterOf(logic, scope);
    case 'iterator':
      return logic.mode === 'for' ? loopOf(logic, scope) : quantifiedOf(logic, scope);
  }
}

/** Each entry sees those before it; one without a name is the result. */
function contextOf({ entries }: LogicOf<'context'>, scope: Scope): FeelValue {
  const values = new Map<string, FeelValue>();
  const inner = scope.with(values);
  for (const { name, typeRef, value } of entries) {
    const what = name === undefined ? 'the result' : `"${name}"`;
    const found = conform(evaluateLogic(value, inner), typeRef, scope, what);
    if (name === undefined) return found;
    values.set(name, found);
  }
  return newContext(values);
}

export function functionOf({ parameters, body, isExternal }: LogicOf<'function'>, scope: Scope): FeelFunction {
  const typed = parameters.map(({ name, typeRef }) =>
    typeRef === undefined ? { name } : { name, type: readType(typeRef) },
  );
  return new FeelFunction({
    name: 'function',
    parameters: typed,
    invoke: (args) => {
      if (isExternal === true) return scope.runner.warn('external functions (Java, PMML) are not evaluated here');
      const given = typedArguments(typed, args, scope.run);
      if (given === undefined) return null;
      return evaluateLogic(body, scope.with(new Map(typed.map(({ name }, index) => [name, given[index] ?? null]))));
    },
  });
}

function invocationOf({ called, bindings }: LogicOf<'invocation'>, scope: Scope): FeelValue {
  const callee = scope.lookup(called.text) ?? evaluateText(called, scope);
  const names = bindings.map(({ name }) => name);
  const values = bindings.map(({ value }) => evaluateLogic(value, scope));
  if (!(callee instanceof FeelFunction)) return scope.runner.warn(`'${called.text}' is no function`);
  const args = callee.arrange(values, names);
  if (args === undefined) return scope.runner.warn(`the function '${called.text}' takes other arguments`);
  return scope.run.deeper(() => callee.invoke(args, scope.run));
}

function filterOf({ in: source, match }: LogicOf<'filter'>, scope: Scope): FeelValue {
  const value = evaluateLogic(source, scope);
  const list = isList(value) ? value : value === null ? [] : [value];
  const condition = (item: FeelValue) => {
    const names = new Map<string, FeelValue>(isContext(item) ? Object.entries(item) : []);
    return evaluateLogic(match, scope.with(names.set('item', item)));
  };
  return filtered(list, condition, scope.run);
}

function loopOf({ variable, in: source, body }: LogicOf<'iterator'>, scope: Scope): FeelValue {
  const elements = elementsOf(evaluateLogic(source, scope), scope.run);
  if (elements === undefined)
    return scope.runner.warn('a for goes through something that is neither a list nor a range');
  const results: FeelValue[] = [];
  for (const element of elements) {
    scope.run.spend(1 + results.length);
    const names = new Map<string, FeelValue>([
      [variable, element],
      ['partial', [...results]],
    ]);
    results.push(evaluateLogic(body, scope.with(names)));
  }
  return results;
}

function quantifiedOf({ mode, variable, in: source, body }: LogicOf<'iterator'>, scope: Scope): FeelValue {
  const elements = elementsOf(evaluateLogic(source, scope), scope.run);
  if (elements === undefined)
    return scope.runner.warn(`${mode} goes through something that is neither a list nor a range`);
  const isEvery = mode === 'every';
  let result: Ternary = isEvery;
  for (const element of elements) {
    scope.run.spend(1);
    const holds = evaluateLogic(body, scope.with(new Map([[variable, element]])));
    if (holds !== null && typeof holds !== 'boolean')
      return scope.runner.warn(`the condition of ${mode} gives neither true nor false`);
    result = (isEvery ? and : or)(result, ternary(holds));
    if (result === !isEvery) break;
  }
  return result;
}

export function evaluateText({ text, language }: DecisionText, scope: Scope): FeelValue {
  if (text === '') return null;
  const { runner } = scope;
  if (language === 'feel') return runner.value(expressionOf(text), scope);
  const juel = /[$#]\{/.test(text) ? text : `\${${text}}`;
  const result = evaluateExpression(
    { language: 'juel', text: juel },
    {
      ...runner.clock,
      lookup: (name) => {
        const value = scope.lookup(name);
        return value === undefined ? undefined : runner.json(value);
      },
      names: () => scope.names(),
    },
  );
  if (!result.ok) throw new ExpressionFailure(result.message);
  return result.value;
}
