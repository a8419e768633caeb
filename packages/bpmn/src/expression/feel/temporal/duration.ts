/** FEEL's two durations: days and time, exact in nanoseconds, and years and months (DMN 1.5, 10.3.2.3.7 and 8). */

const DAYS_TIME = /^(-?)P(?:(\d{1,20})D)?(?:T(?=\d)(?:(\d{1,20})H)?(?:(\d{1,20})M)?(?:(\d{1,20})(?:\.(\d+))?S)?)?$/;
const YEARS_MONTHS = /^(-?)P(?:(\d{1,16})Y)?(?:(\d{1,16})M)?$/;

const NANOS = 1_000_000_000n;
const DAY_SECONDS = 86_400n;
/** Durations stop where 64 bits of seconds do, as in other engines; endless products would grow without bound. */
const MAX_NANOS = (2n ** 63n - 1n) * NANOS;

export class DaysTimeDuration {
  readonly kind = 'days and time duration';
  readonly nanos: bigint;

  private constructor(nanos: bigint) {
    this.nanos = nanos;
  }

  /** Null outside the range. */
  static of(nanos: bigint): DaysTimeDuration | null {
    return nanos > MAX_NANOS || nanos < -MAX_NANOS ? null : new DaysTimeDuration(nanos);
  }

  /** `P1DT2H3M4.5S`; null for anything else. Digits beyond nanoseconds are cut. */
  static parse(text: string): DaysTimeDuration | null {
    const match = DAYS_TIME.exec(text);
    if (match === null || (match[2] ?? match[3] ?? match[4] ?? match[5]) === undefined) return null;
    const [days, hours, minutes, seconds] = match.slice(2, 6).map((part) => BigInt(part ?? 0));
    const whole = (days ?? 0n) * DAY_SECONDS + (hours ?? 0n) * 3600n + (minutes ?? 0n) * 60n + (seconds ?? 0n);
    const nanos = whole * NANOS + BigInt((match[6] ?? '').slice(0, 9).padEnd(9, '0'));
    return DaysTimeDuration.of(match[1] === '-' ? -nanos : nanos);
  }

  /** Normalized parts, all of the sign of the whole. */
  get parts(): { readonly days: bigint; readonly hours: bigint; readonly minutes: bigint; readonly nanos: bigint } {
    const seconds = this.nanos / NANOS;
    return {
      days: seconds / DAY_SECONDS,
      hours: (seconds / 3600n) % 24n,
      minutes: (seconds / 60n) % 60n,
      nanos: this.nanos % (60n * NANOS),
    };
  }

  toString(): string {
    if (this.nanos === 0n) return 'PT0S';
    if (this.nanos < 0n) return `-${new DaysTimeDuration(-this.nanos)}`;
    const { days, hours, minutes, nanos } = this.parts;
    const fraction = String(nanos % NANOS)
      .padStart(9, '0')
      .replace(/0+$/, '');
    const seconds = nanos === 0n ? '' : `${nanos / NANOS}${fraction === '' ? '' : `.${fraction}`}S`;
    const time = `${hours === 0n ? '' : `${hours}H`}${minutes === 0n ? '' : `${minutes}M`}${seconds}`;
    return `P${days === 0n ? '' : `${days}D`}${time === '' ? '' : `T${time}`}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

export class YearsMonthsDuration {
  readonly kind = 'years and months duration';
  readonly months: number;

  private constructor(months: number) {
    this.months = months;
  }

  /** Null for what is no safe integer. */
  static of(months: number): YearsMonthsDuration | null {
    return Number.isSafeInteger(months) ? new YearsMonthsDuration(months === 0 ? 0 : months) : null;
  }

  /** `P1Y2M`; null for anything else. */
  static parse(text: string): YearsMonthsDuration | null {
    const match = YEARS_MONTHS.exec(text);
    if (match === null || (match[2] ?? match[3]) === undefined) return null;
    const months = Number(match[2] ?? 0) * 12 + Number(match[3] ?? 0);
    return YearsMonthsDuration.of(match[1] === '-' ? -months : months);
  }

  toString(): string {
    if (this.months === 0) return 'P0M';
    const all = Math.abs(this.months);
    const [years, months] = [Math.floor(all / 12), all % 12];
    return `${this.months < 0 ? '-' : ''}P${years === 0 ? '' : `${years}Y`}${months === 0 ? '' : `${months}M`}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

export type FeelDuration = DaysTimeDuration | YearsMonthsDuration;

export function parseDuration(text: string): FeelDuration | null {
  return YearsMonthsDuration.parse(text) ?? DaysTimeDuration.parse(text);
}
