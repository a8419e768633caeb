/** Topic `program_run`: one program of the operating system that the owner has allowed, in a box, without a shell. */
import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  CodedFailure,
  demand,
  type Inputs,
  invalid,
  type Outputs,
  optionalText,
  type Services,
  text,
} from '../handler.ts';
import { type Ended, MAX_ARGUMENT, runBoxed } from '../script/boxed-run.ts';
import { bwrapWorks } from '../script/sandbox.ts';
import { setting } from '../settings.ts';
import { type AllowedProgram, allowedProgram, checkArguments } from './allow-list.ts';

const MAX_INPUT = 4 * 1024 * 1024;
const MAX_OUTPUT = 8 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;

/**
 * Inputs: program* (its name in the owner's list), arguments (a list), stdin (text), accept (exit codes that are a result; 0).
 * Outputs: exit_code, output, error_output (the end of what it said on standard error). Errors: PROGRAM_REFUSED, PROGRAM_FAILED
 * (with exit_code and error_output), PROGRAM_STOPPED. It may run twice, as every task.
 */
export async function programRun(inputs: Inputs, services: Services): Promise<Outputs> {
  const name = text(inputs, 'program');
  demand(services, { kind: 'programs', name });
  const given = argumentsOf(inputs['arguments']);
  const input = optionalText(inputs, 'stdin') ?? '';
  if (input.length > MAX_INPUT)
    throw invalid(`Input 'stdin' has ${input.length} characters; at most ${MAX_INPUT} are allowed.`);
  const accepted = codesOf(inputs['accept']);
  const list = setting(services.settings, 'PROCOS_PROGRAMS');
  const program = await allowedProgram(list === '' ? '' : resolve(list), name);
  checkArguments(name, program, given);
  if (setting(services.settings, 'PROCOS_SANDBOX') === 'none' || !bwrapWorks())
    throw invalid('Programs run only in a bubblewrap box: install bubblewrap and set PROCOS_SANDBOX to auto or bwrap.');
  await isThere(name, program);
  const ended = await runBoxed({
    command: [program.path, ...given],
    environment: program.environment,
    folders: [program.path, ...program.folders],
    input,
    timeMs: program.seconds * 1000,
    memoryBytes: program.memoryMb * MEGABYTE,
    maxOutput: MAX_OUTPUT,
    signal: services.signal,
  });
  return { local: outcomeOf(name, program, ended, accepted) };
}

function outcomeOf(
  name: string,
  program: AllowedProgram,
  { status, output, errors, killed }: Ended,
  accepted: readonly number[],
): Outputs['local'] {
  const said = errors.trim();
  if (killed === 'time') throw stopped(`Program '${name}' ran longer than ${program.seconds} s and was killed.`);
  if (killed === 'output')
    throw stopped(`Program '${name}' printed more than ${MAX_OUTPUT} characters and was killed.`);
  if (killed === 'aborted') throw stopped(`Program '${name}' was killed: its task was given up.`);
  // Ended from outside, or by a limit: its shell-like code is 128 and the number of the signal.
  if (status === null || status > 128)
    throw stopped(`Program '${name}' was brought down (status ${status}): ${said.slice(-500)}`);
  if (!accepted.includes(status))
    throw new CodedFailure('PROGRAM_FAILED', `Program '${name}' ended with status ${status}: ${said.slice(-500)}`, {
      exit_code: status,
      error_output: said,
    });
  return { exit_code: status, output, error_output: said };
}

function stopped(message: string): CodedFailure {
  return new CodedFailure('PROGRAM_STOPPED', message);
}

async function isThere(name: string, { path }: AllowedProgram): Promise<void> {
  try {
    await access(path, constants.X_OK);
    if ((await stat(path)).isFile()) return;
  } catch {
    // Said below.
  }
  throw invalid(`Program '${name}': ${path} is no file that can be run here.`);
}

/** Never one text that something would have to take apart. */
function argumentsOf(value: unknown): string[] {
  const list = parsed(value ?? []);
  if (!Array.isArray(list)) throw invalid("Input 'arguments' must be a list, one text for each argument.");
  return list.map((one: unknown, at) => {
    if (typeof one !== 'string' && typeof one !== 'number' && typeof one !== 'boolean')
      throw invalid(`Input 'arguments': number ${at + 1} must be text, a number or a boolean.`);
    const argument = String(one);
    if (argument.length > MAX_ARGUMENT)
      throw invalid(
        `Input 'arguments': number ${at + 1} has ${argument.length} characters; at most ${MAX_ARGUMENT} are allowed.`,
      );
    return argument;
  });
}

function codesOf(value: unknown): number[] {
  const list = parsed(value ?? [0]);
  const codes = (Array.isArray(list) ? list : [list]).map(Number);
  if (codes.length === 0 || !codes.every((code) => Number.isInteger(code) && code >= 0 && code <= 128))
    throw invalid("Input 'accept' must be a list of exit codes from 0 to 128.");
  return codes;
}

/** Text that is a JSON list counts as that list. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !value.trimStart().startsWith('[')) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
