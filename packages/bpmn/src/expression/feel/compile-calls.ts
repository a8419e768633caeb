/** Calls and definitions of functions. */

import type { Compile } from './compile.ts';
import { BUILT_IN, SILENT } from './functions/index.ts';
import type { Run } from './run.ts';
import { type Code, Frame, innerScope, isLocal, nameCode, type Scope } from './scope.ts';
import type { ParameterSyntax, Syntax } from './syntax.ts';
import { coerced } from './types.ts';
import { FeelFunction, type FeelList, type FeelValue } from './values.ts';

/** With literals as arguments they are literals themselves: `date("2026-01-31")`. */
const CONSTRUCTORS: ReadonlySet<string> = new Set(['date', 'time', 'date and time', 'duration', 'number']);

export function callCode(syntax: Syntax & { readonly kind: 'call' }, scope: Scope, compile: Compile): Code {
  const { of, names } = syntax;
  const text = scope.text.slice(syntax.from, syntax.to);
  const args = syntax.args.map((arg) => compile(arg, scope));
  const values = (frame: Frame) => args.map((arg) => arg(frame));
  const builtIn = of.kind === 'name' ? BUILT_IN.get(of.name) : undefined;
  if (of.kind === 'name' && builtIn !== undefined) {
    const { name } = of;
    const local = isLocal(name, scope) ? nameCode(name, scope) : undefined;
    const isSilent = SILENT.has(name);
    const isLiteral = CONSTRUCTORS.has(name) && syntax.args.every(({ kind }) => kind === 'literal');
    let literal: FeelValue = null;
    return (frame) => {
      const { run } = frame;
      // A model may define a function of this name; a variable or entry that is none does not hide the built-in one.
      const own = local === undefined ? run.surroundings.lookup(name) : local(frame);
      if (own instanceof FeelFunction && own !== builtIn) return call(own, values(frame), names, text, run);
      if (literal !== null) return literal;
      const given = isSilent ? run.silently(() => values(frame)) : values(frame);
      const value = call(builtIn, given, names, text, run);
      if (isLiteral) literal = value;
      return value;
    };
  }
  const callee = compile(of, scope);
  return (frame) => {
    const { run } = frame;
    const called = run.silently(() => callee(frame));
    if (called instanceof FeelFunction) return call(called, values(frame), names, text, run);
    return run.warn(unavailable(text), 'function');
  };
}

function call(
  called: FeelFunction,
  args: FeelList,
  names: readonly string[] | undefined,
  text: string,
  run: Run,
): FeelValue {
  const arranged = called.arrange(args, names);
  if (arranged === undefined) return run.warn(unavailable(text), 'function');
  run.spend(1);
  return run.deeper(() => called.invoke(arranged, run));
}

function unavailable(text: string): string {
  const shown = text.length > 120 ? `${text.slice(0, 120)}…` : text;
  return `'${shown}' calls a function that is not available or takes other arguments`;
}

export function functionCode(syntax: Syntax & { readonly kind: 'function' }, scope: Scope, compile: Compile): Code {
  const { parameters, body } = syntax;
  if (body === undefined)
    return () =>
      new FeelFunction({
        name: 'function',
        parameters,
        invoke: (_, run) => run.warn('external functions are not evaluated here'),
      });
  const names = parameters.map(({ name }) => name);
  const code = compile(body, innerScope(scope, names));
  return (frame) =>
    new FeelFunction({
      name: 'function',
      parameters,
      // Names are those where it is defined, not where it is called.
      invoke: (args) => {
        const given = typedArguments(parameters, args, frame.run);
        return given === undefined ? null : code(new Frame(frame.run, given, frame));
      },
    });
}

/** The arguments, converted to the types of their parameters; undefined, with a warning, where one does not fit. */
export function typedArguments(
  parameters: readonly ParameterSyntax[],
  args: FeelList,
  run: Run,
): FeelValue[] | undefined {
  const given: FeelValue[] = [];
  for (const [index, { name, type }] of parameters.entries()) {
    const value = coerced(args[index] ?? null, type, run);
    if (value === undefined) {
      run.warn(`the argument '${name}' does not fit the type of its parameter`);
      return undefined;
    }
    given.push(value);
  }
  return given;
}
