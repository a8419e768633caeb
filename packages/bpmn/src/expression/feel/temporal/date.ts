/** FEEL's date: a day of the calendar, without a time and without a zone (DMN 1.5, 10.3.2.3.5). */
import { type CalendarDate, dateOfEpochDay, epochDay, isDate, MAX_YEAR } from './calendar.ts';

/** Four digits, or more without leading zeros. */
const TEXT = /^(-?)(\d{4}|[1-9]\d{4,8})-(\d\d)-(\d\d)$/;

export class FeelDate implements CalendarDate {
  readonly kind = 'date';
  readonly year: number;
  readonly month: number;
  readonly day: number;

  private constructor(year: number, month: number, day: number) {
    this.year = year;
    this.month = month;
    this.day = day;
  }

  /** Null where there is no such day. */
  static of(year: number, month: number, day: number): FeelDate | null {
    return isDate(year, month, day) ? new FeelDate(year, month, day) : null;
  }

  /** Null outside the years of FEEL. */
  static from({ year, month, day }: CalendarDate): FeelDate | null {
    return Math.abs(year) > MAX_YEAR ? null : new FeelDate(year, month, day);
  }

  static ofEpochDay(days: number): FeelDate | null {
    return FeelDate.from(dateOfEpochDay(days));
  }

  /** `2026-01-31`; null for anything else. */
  static parse(text: string): FeelDate | null {
    const match = TEXT.exec(text);
    if (match === null || (match[1] === '-' && match[2] === '0000')) return null;
    const year = Number(match[2]);
    return FeelDate.of(match[1] === '-' ? -year : year, Number(match[3]), Number(match[4]));
  }

  get epochDay(): number {
    return epochDay(this);
  }

  toString(): string {
    const year = String(Math.abs(this.year)).padStart(4, '0');
    return `${this.year < 0 ? '-' : ''}${year}-${two(this.month)}-${two(this.day)}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}
