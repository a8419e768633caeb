/** How times, sizes and long texts read. Pure. */

/** A span in two units at most: `4s`, `3m 12s`, `2h 05m`, `3d 4h`. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${pad(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${pad(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** As `formatSpan`, with milliseconds below a second: for how long a step took. */
export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Math.max(0, Math.round(ms))}ms` : formatSpan(ms);
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** Local date and time with seconds, as tooltips show it. */
export function formatInstant(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** Local time of day with milliseconds, for log lines. */
export function formatClock(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

/** `userTask` → `user task`. */
export function formatType(type: string): string {
  return type.replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
}

/** Who did something, `kind:name`; said once where kind and name are the same word. */
export function formatSubject(subject: string): string {
  const [kind, ...name] = subject.split(':');
  return kind === name.join(':') ? kind : subject;
}

/** A value in one line; texts in quotes, long ones cut. */
export function formatValue(value: unknown, atMost = 200): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.length > atMost ? `${text.slice(0, atMost)}…` : text;
}

/** `1 incident`, `2 incidents`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

const pad = (value: number): string => String(value).padStart(2, '0');
