/** Limits as people write them: `time=2h`, `instance-size=64k`, `ai-cost=2.50`. */
import { UserError } from './user-error.ts';

const MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const COUNT: Readonly<Record<string, number>> = { '': 1, k: 1_024, m: 1_048_576 };
/** The system counts costs in millionths. */
const MILLIONTHS = 1_000_000;

/** `name=value` or `name=none`; names as the system has them or with hyphens. */
export function readLimit(word: string): [string, number | null] {
  const [, name, text] = /^([A-Za-z][A-Za-z-]*)=(.+)$/.exec(word) ?? [];
  if (name === undefined || text === undefined)
    throw new UserError('USAGE', `"${word}" must be name=value or name=none, e.g. time=2h.`);
  const limit = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return [limit, text === 'none' ? null : amountOf(limit, text)];
}

function amountOf(limit: string, text: string): number {
  const [, digits, unit = ''] = /^(\d{1,15}(?:\.\d{1,6})?)([a-z]*)$/.exec(text) ?? [];
  const factor = isCost(limit) ? (unit === '' ? MILLIONTHS : undefined) : (limit === 'time' ? MS : COUNT)[unit];
  const value = digits === undefined || factor === undefined ? Number.NaN : Math.round(Number(digits) * factor);
  if (!Number.isSafeInteger(value)) {
    const form = isCost(limit)
      ? 'an amount such as 2.50'
      : limit === 'time'
        ? 'a time such as 90s, 15m, 2h or 3d'
        : 'a number such as 100 or 64k';
    throw new UserError('USAGE', `"${text}" is no value for ${limitName(limit)}: it must be ${form}, or none.`);
  }
  return value;
}

function isCost(limit: string): boolean {
  return limit.startsWith('aiCost');
}

/** As it is written on the command line. */
export function limitName(limit: string): string {
  return limit.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export function limitText(limit: string, value: number): string {
  if (isCost(limit)) return (value / MILLIONTHS).toFixed(2);
  if (limit !== 'time' && !limit.endsWith('Ms')) return String(value);
  const units = Object.entries(MS).toReversed();
  const [unit, ms] = units.find(([, one]) => value >= one && value % one === 0) ?? ['ms', 1];
  return value === 0 ? '0s' : `${value / ms}${unit}`;
}
