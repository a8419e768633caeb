/** Quartz cron expressions (six fields, or seven with the year), evaluated in a time zone. */
import { Cron } from 'croner';
import { Temporal } from 'temporal-polyfill';
import { quote, type Read } from './text.ts';

/** First instant strictly after `after` (epoch ms) that the expression names; fails when there is none. */
export function nextOfCron(text: string, after: number, zone: string): Read<number> {
  try {
    // Quartz counts days of the week from Sunday = 1, allows `0/5`, and says `?` where the other day field decides.
    const cron = new Cron(text.trim().replaceAll('?', '*'), {
      timezone: zone,
      mode: '6-or-7-parts',
      alternativeWeekdays: true,
      sloppyRanges: true,
      domAndDow: true,
    });
    // Counted from the instant given here: the host's clock has no part in it.
    const next = cron.nextRun(Temporal.Instant.fromEpochMilliseconds(after).toString());
    if (next === null) return { ok: false, message: `the cron expression ${quote(text)} names no further instant` };
    return { ok: true, value: next.getTime() };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      message: `${quote(text)} is not a cron expression (${why}): expected six or seven fields such as 0 0 9 ? * MON-FRI`,
    };
  }
}
