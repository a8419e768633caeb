/** Camunda 8's dates: ISO 8601 in UTC with milliseconds. */

/** 2026-01-15T10:30:00.000Z */
export function dateOf(at: number): string {
  return new Date(at).toISOString();
}

export function optionalDateOf(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : dateOf(at);
}

const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Instant in ms since the epoch; undefined when the text is no date with its offset. */
export function parseDate(text: string): number | undefined {
  const at = DATE.test(text) ? Date.parse(text.replace(/(\.\d{3})\d+/, '$1')) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
