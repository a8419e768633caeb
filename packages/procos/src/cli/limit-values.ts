/** Limits as words of the command line: `time=2h`, `instance-size=64k`, `ai-cost=2.50`. */
import { limitForm, readLimitValue } from '@procos/protocol';
import { UserError } from './user-error.ts';

/** `name=value` or `name=none`; names as the system has them or with hyphens. */
export function readLimit(word: string): [string, number | null] {
  const [, name, text] = /^([A-Za-z][A-Za-z-]*)=(.+)$/.exec(word) ?? [];
  if (name === undefined || text === undefined)
    throw new UserError('USAGE', `"${word}" must be name=value or name=none, e.g. time=2h.`);
  const limit = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (text === 'none') return [limit, null];
  const value = readLimitValue(limit, text);
  if (value === undefined)
    throw new UserError(
      'USAGE',
      `"${text}" is no value for ${limitName(limit)}: it must be ${limitForm(limit)}, or none.`,
    );
  return [limit, value];
}

/** As it is written on the command line. */
export function limitName(limit: string): string {
  return limit.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
