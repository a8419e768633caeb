/** Variables of the command line: `name=text` and `name:=json`. */
import { UserError } from './user-error.ts';

export type VariableMap = Readonly<Record<string, unknown>>;

/** For commander: collects one `--var` after the other. */
export function collectVariable(argument: string, before: VariableMap = {}): VariableMap {
  const match = /^([^=:]+)(:?=)(.*)$/s.exec(argument);
  const [, name, operator, text] = match ?? [];
  if (name === undefined || text === undefined) {
    throw new UserError('USAGE', `--var ${argument}: write name=text, or name:=json for numbers, lists and objects.`);
  }
  return { ...before, [name]: operator === ':=' ? parsed(name, text) : text };
}

function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError('USAGE', `--var ${name}:=${text} is not JSON (${why}). For text write ${name}=${text}.`);
  }
}
