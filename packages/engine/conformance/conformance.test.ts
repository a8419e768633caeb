/** Every cell of the support matrix is run, and docs/bpmn-support.md says what came of it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Dialect } from '@procos/bpmn';
import { withoutRow } from './coverage.ts';
import { COMMAND, DOCUMENT, isAsked, written } from './document.ts';
import { CLAIMED_ROWS, claimOf, ENGINES, PAGES } from './elsewhere.ts';
import { DIALECTS, type Row } from './row.ts';
import { ROWS } from './rows.ts';
import { type Result, runCell } from './run.ts';

const run = new Map<string, Promise<Result>>();

/** Each cell is run once, by its own test or by that of the document. */
function resultOf(row: Row, dialect: Dialect): Promise<Result> {
  const key = `${row.id} ${dialect}`;
  const result = run.get(key) ?? runCell(row, dialect);
  run.set(key, result);
  return result;
}

for (const [group, rows] of Map.groupBy(ROWS, (row) => row.group)) {
  describe(group, () => {
    for (const row of rows) {
      for (const dialect of DIALECTS) {
        const cell = row.cells[dialect];
        if (cell.story === undefined) continue;
        it(`${row.name} (${dialect}, ${cell.kind})`, async () => {
          const { failure } = await resultOf(row, dialect);
          if (failure !== undefined) throw failure;
        });
      }
    }
  });
}

describe('the matrix', () => {
  it('has a row for every element of the engine, and for every event at every position that BPMN allows', () => {
    assert.deepEqual(withoutRow(ROWS), []);
  });

  it('has each row once', () => {
    const ids = ROWS.map(({ id }) => id);
    assert.deepEqual(
      ids.filter((id, at) => ids.indexOf(id) !== at),
      [],
    );
  });

  it('has an answer of every other engine for each row, with the page that it was read from, and no other', () => {
    const asked = ROWS.filter(isAsked).map(({ id }) => id);
    assert.deepEqual([...CLAIMED_ROWS].sort(), asked.sort());
    const claims = asked.flatMap((id) => ENGINES.map((engine) => claimOf(id, engine)));
    const cited = new Set(claims.map((claim) => claim?.page).filter((page) => page !== undefined));
    assert.deepEqual([...cited].sort(), Object.keys(PAGES).sort());
    for (const address of Object.values(PAGES)) assert.equal(new URL(address).protocol, 'https:');
  });

  it('stands in docs/bpmn-support.md as it was run', async () => {
    const results: Result[] = [];
    for (const row of ROWS) for (const dialect of DIALECTS) results.push(await resultOf(row, dialect));
    const document = readFileSync(DOCUMENT, 'utf8');
    assert.equal(document, written(document, results), `docs/bpmn-support.md is not what ran: ${COMMAND}`);
  });
});
