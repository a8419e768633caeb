/** Plain aligned text: tables, ages, sizes, colours. */
import { styleText } from 'node:util';
import type { Shell } from './shell.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Colour where the terminal shows it, else the text as it is. */
export function paint(shell: Pick<Shell, 'colour'>, style: Style, text: string): string {
  return shell.colour ? styleText(style, text, { validateStream: false }) : text;
}

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

/**
 * Rows under upper-case headers, columns two spaces apart, no trailing blanks. Control characters of the values are
 * replaced: what a process calls itself must not steer the terminal.
 */
export function table(
  shell: Pick<Shell, 'colour'>,
  headers: readonly string[],
  rows: readonly (readonly (string | Cell)[])[],
): string[] {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'string' ? { text: cell } : cell)));
  const clean = cells.map((row) => row.map((cell) => ({ ...cell, text: printable(cell.text) })));
  const widths = headers.map((header, at) => Math.max(header.length, ...clean.map((row) => row[at]?.text.length ?? 0)));
  const line = (row: readonly Cell[]): string => {
    const last = row.findLastIndex((cell) => cell.text !== '');
    return row
      .slice(0, last + 1)
      .map((cell, at) => {
        const padding = at === last ? '' : ' '.repeat((widths[at] ?? 0) - cell.text.length + 2);
        return (cell.style === undefined ? cell.text : paint(shell, cell.style, cell.text)) + padding;
      })
      .join('');
  };
  return [line(headers.map((text) => ({ text, style: 'dim' }))), ...clean.map(line)];
}

/** `name  value` lines with the values aligned. */
export function pairs(shell: Pick<Shell, 'colour'>, entries: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${paint(shell, 'dim', name.padEnd(width))}  ${printable(value)}`);
}

/** One line, no control characters. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}

/** Time since `from` (ISO-8601) in its two largest units at most: `45s`, `3m`, `2h 5m`, `4d 1h`. */
export function age(from: string, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - Date.parse(from)) / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours}h` : `${hours}h ${minutes % 60}m`;
  return hours % 24 === 0 ? `${Math.floor(hours / 24)}d` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** Bytes in the largest unit with at most one decimal: `512 B`, `1.4 MB`. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Math.round(value * 10) / 10} ${units[unit]}`;
}

/** Wall-clock time of this machine: `22:14:03.120`. */
export function clock(at: string): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** `1 process`, `2 processes`. */
export function count(amount: number, one: string, many: string = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`;
}

/** A variable's value on one line: text as it is, everything else as JSON. */
export function valueText(value: unknown, width: number = 200): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null');
  const line = printable(text);
  return line.length > width ? `${line.slice(0, width - 1)}…` : line;
}

/** Which records there are, where the retention has removed earlier ones. */
export function recordsOf({
  records,
  firstRecord,
}: {
  readonly records: number;
  readonly firstRecord?: number;
}): string {
  return firstRecord === undefined ? count(records, 'record') : `records ${firstRecord} to ${records}`;
}
