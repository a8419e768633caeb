/** Runs cells of the matrix. */
import type { Dialect } from '@procos/bpmn';
import { Lab } from './lab.ts';
import { type Cell, DIALECTS, type Row } from './row.ts';

export interface Result {
  readonly row: Row;
  readonly dialect: Dialect;
  readonly cell: Cell;
  /** Why the story failed. */
  readonly failure?: unknown;
}

/** Runs one cell; the log replayed gives the same state, and what runs has no setting without effect. */
export async function runCell(row: Row, dialect: Dialect): Promise<Result> {
  const cell = row.cells[dialect];
  if (cell.story === undefined) return { row, dialect, cell };
  const lab = new Lab(dialect);
  try {
    await cell.story(lab);
    lab.world.assertReplayEqual();
    const [warning] = lab.warnings;
    if (cell.kind === 'runs' && warning !== undefined) throw new Error(`the deploy check warns: ${warning.message}`);
    return { row, dialect, cell };
  } catch (failure) {
    return { row, dialect, cell, failure };
  }
}

export async function runAll(rows: readonly Row[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const row of rows) for (const dialect of DIALECTS) results.push(await runCell(row, dialect));
  return results;
}
