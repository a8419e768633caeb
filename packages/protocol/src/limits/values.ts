/** Limits as people write and read them: `2h`, `64k`, `2.50`. */

const MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const COUNT: Readonly<Record<string, number>> = { '': 1, k: 1_024, m: 1_048_576 };
/** The system counts costs in millionths. */
const MILLIONTHS = 1_000_000;

/** What a text means for the limit, in its unit (docs/limits.md); undefined: nothing, see `limitForm`. */
export function readLimitValue(limit: string, text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,15}(?:\.\d{1,6})?)([a-z]*)$/.exec(text) ?? [];
  const factor = isCost(limit) ? (unit === '' ? MILLIONTHS : undefined) : (limit === 'time' ? MS : COUNT)[unit];
  const value = digits === undefined || factor === undefined ? Number.NaN : Math.round(Number(digits) * factor);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** What a value of the limit looks like, for who has written something else. */
export function limitForm(limit: string): string {
  if (isCost(limit)) return 'an amount such as 2.50';
  return limit === 'time' ? 'a time such as 90s, 15m, 2h or 3d' : 'a number such as 100 or 64k';
}

/** As `readLimitValue` reads it. */
export function limitText(limit: string, value: number): string {
  if (isCost(limit)) return (value / MILLIONTHS).toFixed(2);
  if (limit !== 'time' && !limit.endsWith('Ms')) return String(value);
  const units = Object.entries(MS).toReversed();
  const [unit, ms] = units.find(([, one]) => value >= one && value % one === 0) ?? ['ms', 1];
  return value === 0 ? '0s' : `${value / ms}${unit}`;
}

function isCost(limit: string): boolean {
  return limit.startsWith('aiCost');
}
