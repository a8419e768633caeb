/** The programs of the operating system that the owner allows: name → path, and what its arguments may be. */
import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { boundedPattern, PatternProblem } from '../data/bounded-pattern.ts';
import { CodedFailure, invalid, isObject } from '../handler.ts';

export interface AllowedProgram {
  /** Absolute. */
  readonly path: string;
  /** The first arguments, all of them needed: each a regular expression for the whole argument. */
  readonly arguments: readonly string[];
  /** What every further argument must match; absent: there may be none. */
  readonly further?: string;
  /** Absolute paths that it sees beside /usr and its like, read-only. */
  readonly folders: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly memoryMb: number;
}

const MOST_ARGUMENTS = 1_000;
const MEMBERS = ['path', 'arguments', 'further', 'folders', 'environment', 'seconds', 'memory_mb'];

/**
 * The entry of that name in the list, read anew each time: what the owner changes holds at once.
 * @throws WorkerFailure (not retried) for a file that is none; CodedFailure PROGRAM_REFUSED for a name that is not in it
 */
export async function allowedProgram(file: string, name: string): Promise<AllowedProgram> {
  if (file === '')
    throw refuse(`Program '${name}' is not allowed: no program is, because the setting PROCOS_PROGRAMS names no list.`);
  let list: unknown;
  try {
    list = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw invalid(`PROCOS_PROGRAMS: ${file} cannot be read as JSON (${(error as Error).message}).`);
  }
  if (!isObject(list)) throw invalid(`PROCOS_PROGRAMS: ${file} must hold an object with a member for each program.`);
  if (!Object.hasOwn(list, name))
    throw refuse(`Program '${name}' is not in the list of allowed programs: its owner may add it there.`);
  try {
    return entryOf(list[name]);
  } catch (error) {
    throw invalid(`PROCOS_PROGRAMS: program '${name}' in ${file}: ${(error as Error).message}.`);
  }
}

/** @throws CodedFailure PROGRAM_REFUSED that names the argument */
export function checkArguments(name: string, program: AllowedProgram, given: readonly string[]): void {
  const { arguments: first, further } = program;
  if (given.length < first.length)
    throw refuse(`Program '${name}' needs ${first.length} arguments; there are ${given.length}.`);
  if (given.length > MOST_ARGUMENTS)
    throw refuse(`Program '${name}' was given ${given.length} arguments; at most ${MOST_ARGUMENTS} are allowed.`);
  for (const [at, argument] of given.entries()) {
    const pattern = first[at] ?? further;
    if (pattern === undefined)
      throw refuse(`Program '${name}' takes ${first.length} arguments; there are ${given.length}.`);
    if (argument.includes('\0')) throw refuse(`Argument ${at + 1} of program '${name}' has a zero byte in it.`);
    if (!matches(pattern, argument))
      throw refuse(`Argument ${at + 1} of program '${name}' is not allowed: it must match /${pattern}/.`);
  }
}

/** The argument as a whole. */
function matches(pattern: string, argument: string): boolean {
  try {
    return boundedPattern(`^(?:${pattern})$`).test(argument);
  } catch (error) {
    if (error instanceof PatternProblem) throw refuse(`An argument cannot be judged: ${error.message}.`);
    throw error;
  }
}

/** Throws an `Error` whose message is the middle of a sentence. */
function entryOf(entry: unknown): AllowedProgram {
  if (!isObject(entry)) throw new Error('an object is expected');
  const unknown = Object.keys(entry).filter((member) => !MEMBERS.includes(member));
  if (unknown.length > 0) throw new Error(`there is no ${unknown.join(', ')}; known are ${MEMBERS.join(', ')}`);
  const { path, further, environment = {} } = entry;
  if (typeof path !== 'string' || !isAbsolute(path)) throw new Error('path must be absolute');
  const first = texts(entry, 'arguments');
  const folders = texts(entry, 'folders');
  if (!folders.every(isAbsolute)) throw new Error('every path of folders must be absolute');
  if (further !== undefined && typeof further !== 'string') throw new Error('further must be a regular expression');
  // A pattern that is none would otherwise show only when it is needed.
  for (const pattern of [...first, ...(further === undefined ? [] : [further])]) boundedPattern(`^(?:${pattern})$`);
  if (!isObject(environment) || !Object.values(environment).every((value) => typeof value === 'string'))
    throw new Error('environment must be an object of texts');
  return {
    path,
    arguments: first,
    folders,
    environment: environment as Record<string, string>,
    seconds: number(entry, 'seconds', 30, 0.1, 3600),
    memoryMb: number(entry, 'memory_mb', 512, 1, 65_536),
    ...(further === undefined ? {} : { further }),
  };
}

function texts(entry: Readonly<Record<string, unknown>>, member: string): string[] {
  const { [member]: value = [] } = entry;
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string'))
    throw new Error(`${member} must be a list of texts`);
  return value as string[];
}

function number(
  entry: Readonly<Record<string, unknown>>,
  name: string,
  fallback: number,
  min: number,
  max: number,
): number {
  const value = entry[name] ?? fallback;
  if (typeof value !== 'number' || !(value >= min && value <= max))
    throw new Error(`${name} must be a number from ${min} to ${max}`);
  return value;
}

function refuse(message: string): CodedFailure {
  return new CodedFailure('PROGRAM_REFUSED', message);
}
