/** Variables of the command line: `name=text`, `name:=json`, and `name=@FILE`. */
import { UserError } from './user-error.ts';

export type VariableMap = Readonly<Record<string, unknown>>;

/** `@FILE`: what is in the file is meant. */
export class FileArgument {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}

/** For commander: collects one `--var` after the other. */
export function collectVariable(argument: string, before: VariableMap = {}): VariableMap {
  const match = /^([^=:]+)(:?=)(.*)$/s.exec(argument);
  const [, name, operator, text] = match ?? [];
  if (name === undefined || text === undefined) {
    throw new UserError('USAGE', `--var ${argument}: write name=text, or name:=json for numbers, lists and objects.`);
  }
  return { ...before, [name]: operator === ':=' ? parsed(name, text) : meant(text) };
}

/** A text that begins with `@` can be given as JSON: `name:='"@text"'`. */
function meant(text: string): unknown {
  return text.length > 1 && text.startsWith('@') ? new FileArgument(text.slice(1)) : text;
}

function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError('USAGE', `--var ${name}:=${text} is not JSON (${why}). For text write ${name}=${text}.`);
  }
}
