/** What a built-in worker is: a function from the inputs of a task to its outputs, and readers of inputs. */

import {
  asLargeValue,
  type LargeValues,
  type ProcosError,
  type ReserveAi,
  WorkerFailure,
  type WorkerLogger,
} from '@procos/client';
import { type AiBudget, type AiUsage, type Capabilities, type CapabilityRequest, permits } from '@procos/protocol';
import type { Settings } from './settings.ts';

/** Inputs by name: variables of the task first, else static properties of the element. */
export type Inputs = Readonly<Record<string, unknown>>;

export interface Services {
  readonly settings: Settings;
  readonly log: WorkerLogger;
  /** Aborts when nobody waits for the result any more. */
  readonly signal: AbortSignal;
  /** Same for every attempt of one task: for keys that make a repetition recognisable. */
  readonly taskId: string;
  /** What is left for an AI task; absent: without limit. */
  readonly aiBudget?: AiBudget;
  /** Holds what an AI task will use at most, before it asks. Absent: only `aiBudget` counts. */
  readonly reserveAi?: ReserveAi;
  /** Content of inputs that hold a handle, and handles for what is too large for an output. */
  readonly values: LargeValues;
  /** What the process of the task may use; absent: everything. */
  readonly capabilities?: Capabilities;
}

export interface Outputs {
  /** Local variables of the task: the model's output mapping places them. */
  readonly local: Readonly<Record<string, unknown>>;
  /** Only for scripts, which set variables by name. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** What an AI task has used. */
  readonly usage?: AiUsage;
}
export type TaskHandler = (inputs: Inputs, services: Services) => Promise<Outputs>;

/** The input is wrong: trying again cannot help. */
export function invalid(message: string): WorkerFailure {
  return new WorkerFailure(message, { retry: false });
}

/** Asked before every use of something that a process has to declare; beside it the settings of the host hold. */
export function demand({ capabilities }: Pick<Services, 'capabilities'>, request: CapabilityRequest): void {
  if (capabilities === undefined) return;
  const verdict = permits(capabilities, request);
  if (!verdict.allowed)
    throw invalid(`Refused: ${verdict.reason}. It is for the procos:security block of the process.`);
}

/** What the server did not take or give of a large value: worth another attempt where it is away or busy. */
export function refused(error: ProcosError, what: string): WorkerFailure {
  return new WorkerFailure(`${what}: ${error.message}`, { retry: error.temporary, cause: error });
}

/** What is wrong with what was asked for, by a code: a BPMN error where the task wants one (`errors` = `bpmn`). */
export class CodedFailure extends WorkerFailure {
  readonly code: string;
  /** Go with the BPMN error. */
  readonly variables: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, variables: Readonly<Record<string, unknown>> = {}) {
    super(message, { retry: false });
    this.name = 'CodedFailure';
    this.code = code;
    this.variables = variables;
  }
}

/** A text; numbers and booleans count as text. Undefined when absent, null or empty. */
export function optionalText(inputs: Inputs, name: string): string | undefined {
  const value = inputs[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const large = asLargeValue(value);
  if (large !== undefined)
    throw invalid(
      `Input '${name}' is a large value (${large.size} bytes), of which the content is not looked at here.`,
    );
  throw invalid(`Input '${name}' must be text, not ${kindOf(value)}.`);
}

export function text(inputs: Inputs, name: string): string {
  const value = optionalText(inputs, name);
  if (value === undefined) throw invalid(`Input '${name}' is missing. Set it by an input mapping of the task.`);
  return value;
}

/** One of `choices`, compared without case. */
export function choice<T extends string>(inputs: Inputs, name: string, choices: readonly T[], fallback: T): T {
  const value = optionalText(inputs, name);
  if (value === undefined) return fallback;
  const found = choices.find((candidate) => candidate.toLowerCase() === value.trim().toLowerCase());
  if (found === undefined) throw invalid(`Input '${name}' is '${value}'; it must be one of ${choices.join(', ')}.`);
  return found;
}

export function optionalNumber(inputs: Inputs, name: string, min: number, max: number): number | undefined {
  const given = optionalText(inputs, name);
  if (given === undefined) return undefined;
  const value = Number(given);
  if (!Number.isFinite(value) || value < min || value > max) {
    throw invalid(`Input '${name}' is '${given}'; it must be a number from ${min} to ${max}.`);
  }
  return value;
}

/** An object; JSON text counts as the object it describes. */
export function optionalObject(inputs: Inputs, name: string): Readonly<Record<string, unknown>> | undefined {
  const value = parsedJson(inputs[name]);
  if (value === undefined || value === null || value === '') return undefined;
  if (!isObject(value)) throw invalid(`Input '${name}' must be an object, not ${kindOf(value)}.`);
  return value;
}

/** Any value that must be there; text that is a JSON object or list counts as what it describes. */
export function present(inputs: Inputs, name: string): unknown {
  const value = parsedJson(inputs[name]);
  if (value === undefined || value === null) {
    throw invalid(`Input '${name}' is missing. Set it by an input mapping of the task.`);
  }
  return value;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function parsedJson(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
