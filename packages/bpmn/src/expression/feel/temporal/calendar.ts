/** Day arithmetic of the proleptic Gregorian calendar, for every year FEEL knows. */

/** The years of FEEL: -999,999,999 to 999,999,999 (DMN 1.5, 10.3.2.3.5). */
export const MAX_YEAR = 999_999_999;
/** Days after which the calendar repeats, weekdays included. */
export const CYCLE_DAYS = 146_097;
export const CYCLE_YEARS = 400;
export const DAY_SECONDS = 86_400;

const DAYS_BEFORE_EPOCH = 719_468;

export interface CalendarDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

export function isDate(year: number, month: number, day: number): boolean {
  return (
    Number.isInteger(year) &&
    Math.abs(year) <= MAX_YEAR &&
    Number.isInteger(month) &&
    month >= 1 &&
    month <= 12 &&
    Number.isInteger(day) &&
    day >= 1 &&
    day <= daysInMonth(year, month)
  );
}

/** Days since 1970-01-01. Years are counted from March, so that the leap day is the last one. */
export function epochDay({ year, month, day }: CalendarDate): number {
  const fromMarch = month > 2 ? year : year - 1;
  const cycle = Math.floor(fromMarch / CYCLE_YEARS);
  const yearOfCycle = fromMarch - cycle * CYCLE_YEARS;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100);
  return cycle * CYCLE_DAYS + yearOfCycle * 365 + leapDays + dayOfYear - DAYS_BEFORE_EPOCH;
}

/** The inverse of `epochDay`; the year may lie outside those of FEEL. */
export function dateOfEpochDay(days: number): CalendarDate {
  const fromCycles = days + DAYS_BEFORE_EPOCH;
  const cycle = Math.floor(fromCycles / CYCLE_DAYS);
  const dayOfCycle = fromCycles - cycle * CYCLE_DAYS;
  const leapDays = Math.floor(dayOfCycle / 1460) - Math.floor(dayOfCycle / 36_524) + Math.floor(dayOfCycle / 146_096);
  const yearOfCycle = Math.floor((dayOfCycle - leapDays) / 365);
  const dayOfYear = dayOfCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return { year: yearOfCycle + cycle * CYCLE_YEARS + (month <= 2 ? 1 : 0), month, day };
}

/** 1 is Monday, 7 is Sunday (ISO 8601). */
export function weekday(date: CalendarDate): number {
  const sinceMonday = (epochDay(date) + 3) % 7;
  return (sinceMonday < 0 ? sinceMonday + 7 : sinceMonday) + 1;
}

/** 1 to 366. */
export function dayOfYear(date: CalendarDate): number {
  return epochDay(date) - epochDay({ year: date.year, month: 1, day: 1 }) + 1;
}

/** ISO 8601: the week belongs to the year that has its Thursday. */
export function weekOfYear(date: CalendarDate): number {
  const thursday = dateOfEpochDay(epochDay(date) - weekday(date) + 4);
  return Math.floor((dayOfYear(thursday) - 1) / 7) + 1;
}

/** The same day that many months on; the last day of the month where it is shorter. */
export function plusMonths({ year, month, day }: CalendarDate, months: number): CalendarDate {
  const all = year * 12 + (month - 1) + months;
  const newYear = Math.floor(all / 12);
  const newMonth = all - newYear * 12 + 1;
  return { year: newYear, month: newMonth, day: Math.min(day, daysInMonth(newYear, newMonth)) };
}

/** Whole months from one date to the other, towards zero. */
export function monthsBetween(from: CalendarDate, to: CalendarDate): number {
  const months = (to.year - from.year) * 12 + (to.month - from.month);
  if (months > 0 && to.day < from.day) return months - 1;
  if (months < 0 && to.day > from.day) return months + 1;
  return months;
}
