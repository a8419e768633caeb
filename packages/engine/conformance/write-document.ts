/** `npm run docs:support`: runs every cell of the matrix and writes the result into docs/bpmn-support.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { DOCUMENT, written } from './document.ts';
import { ROWS } from './rows.ts';
import { runAll } from './run.ts';

const results = await runAll(ROWS);
for (const { row, dialect, failure } of results)
  if (failure !== undefined) {
    console.error(`${row.id}, ${dialect}: ${failure instanceof Error ? failure.message : String(failure)}`);
    process.exitCode = 1;
  }
writeFileSync(DOCUMENT, written(readFileSync(DOCUMENT, 'utf8'), results));
