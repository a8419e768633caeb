/** Camunda's dates: `yyyy-MM-dd'T'HH:mm:ss.SSSZ`, always written in UTC. */
import { invalid } from './errors.ts';

/** 2026-01-15T10:30:00.000+0000 */
export function formatDate(at: number): string {
  return `${new Date(at).toISOString().slice(0, -1)}+0000`;
}

export function formatOptionalDate(at: number | null): string | null {
  return at === null ? null : formatDate(at);
}

const DATE = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?)(Z|[+-]\d{2}:?\d{2})$/;

/** Instant in ms since the epoch; undefined when the text is not a date with its offset. */
export function parseDate(text: string): number | undefined {
  const [, local, zone] = DATE.exec(text) ?? [];
  if (local === undefined || zone === undefined) return undefined;
  const offset = zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const at = Date.parse(local + offset);
  return Number.isNaN(at) ? undefined : at;
}

/** Same for a query parameter; refuses with Camunda's status. */
export function parseDateParameter(name: string, text: string): number {
  const at = parseDate(text);
  if (at === undefined) {
    throw invalid(`Cannot set query parameter '${name}' to value '${text}': expected yyyy-MM-dd'T'HH:mm:ss.SSSZ`);
  }
  return at;
}
