/** How the programs of `sim` and `bench` read their command line: what they do not know is answered by how they are used, and code 2. */
import { parseArgs } from 'node:util';

/** What an option is when it is not given: a number, `null` for a number that may be missing, `false` for a flag. */
type Defaults = Readonly<Record<string, number | null | false>>;
type Value<Default> = Default extends false ? boolean : Default extends null ? number | null : number;

export interface Arguments<Options extends Defaults> {
  readonly values: { readonly [name in keyof Options]: Value<Options[name]> };
  /** Of the names that may be given, those that were; none: all are meant. */
  readonly chosen: readonly string[];
}

/** `script`: its name for `npm run`. Ends the process for what is not understood, and for `--help`. */
export function readArguments<Options extends Defaults>(
  script: string,
  defaults: Options,
  names: readonly string[] = [],
): Arguments<Options> {
  const usage = usageOf(script, defaults, names);
  const types = Object.entries({ ...defaults, help: false }).map(
    ([name, value]) => [name, { type: value === false ? 'boolean' : 'string' } as const] as const,
  );
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: Object.fromEntries(types) });
    if (values['help']) {
      console.log(usage);
      process.exit(0);
    }
    const unknown = positionals.filter((name) => name !== 'all' && !names.includes(name));
    if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}.`);
    const read = Object.entries(defaults).map(([name, value]) => [name, readValue(name, values[name], value)]);
    return { values: Object.fromEntries(read), chosen: positionals.includes('all') ? [] : positionals };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}

function readValue(name: string, given: unknown, absent: number | null | false): number | boolean | null {
  if (typeof given !== 'string') return given === true || absent;
  if (!/^\d{1,15}$/.test(given)) throw new Error(`--${name} takes a whole number, not '${given}'.`);
  return Number(given);
}

function usageOf(script: string, defaults: Defaults, names: readonly string[]): string {
  const options = Object.entries(defaults).map(([name, value]) => (value === false ? `[--${name}]` : `[--${name} N]`));
  const known = Object.entries(defaults).filter(([, value]) => typeof value === 'number');
  return [
    `Usage: npm run ${script} -- ${[...(names.length > 0 ? ['[NAME…]'] : []), ...options].join(' ')}`,
    ...(names.length > 0 ? [`Names: ${names.join(', ')}; none or 'all': all of them.`] : []),
    ...(known.length > 0 ? [`Defaults: ${known.map(([name, value]) => `--${name} ${value}`).join(', ')}.`] : []),
  ].join('\n');
}
