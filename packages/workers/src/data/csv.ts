/** CSV (RFC 4180): text to rows and rows to text. */
import { invalid } from '../handler.ts';

/** Rows of cells. Quoted cells may hold the delimiter, quotes (doubled) and line ends. Empty lines are left out. */
export function parseCsv(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  let wasQuoted = false;
  const endRow = (): void => {
    row.push(cell);
    if (row.length > 1 || cell !== '' || wasQuoted) rows.push(row);
    row = [];
    cell = '';
    wasQuoted = false;
  };
  const source = text.replace(/^\uFEFF/, '');
  for (let at = 0; at < source.length; at++) {
    const char = source[at] ?? '';
    if (quoted) {
      if (char !== '"') cell += char;
      else if (source[at + 1] === '"') {
        cell += '"';
        at++;
      } else quoted = false;
    } else if (char === '"' && cell === '') {
      quoted = true;
      wasQuoted = true;
    } else if (char === delimiter) {
      row.push(cell);
      cell = '';
    } else if (char === '\n') endRow();
    else if (char !== '\r' || source[at + 1] !== '\n') cell += char;
  }
  if (quoted) throw invalid('The CSV text ends inside a quoted cell.');
  if (cell !== '' || row.length > 0 || wasQuoted) endRow();
  return rows;
}

export function writeCsv(rows: readonly (readonly string[])[], delimiter: string): string {
  const cellOf = (cell: string): string =>
    cell.includes(delimiter) || /["\r\n]/.test(cell) || /^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  return rows.map((row) => `${row.map(cellOf).join(delimiter)}\r\n`).join('');
}
