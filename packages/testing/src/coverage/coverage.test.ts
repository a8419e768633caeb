/** Path coverage: what counts as passed, what a report says, and when it fails. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Coverage, type CoverageReport, createTestEngine, mergeReports, percentOf, reportText } from '../index.ts';

const EXAMPLES = fileURLToPath(new URL('../../../../examples/testing', import.meta.url));

/** Half of the claim: a small one is paid. */
async function smallClaim(coverage: Coverage): Promise<void> {
  const engine = await createTestEngine({ resources: [join(EXAMPLES, 'claim.bpmn')], coverage });
  engine.worker('contract-lookup', () => ({ localVariables: { limit: 500 } }));
  engine.worker('payment', {});
  (await engine.start('claim', { variables: { contract: 'C', amount: 1 } })).assertEnded('paid');
}

async function unknownContract(coverage: Coverage): Promise<void> {
  const engine = await createTestEngine({ resources: [join(EXAMPLES, 'claim.bpmn')], coverage });
  const claim = await engine.start('claim', { variables: { contract: 'C', amount: 1 } });
  await claim.throwError('look_up', 'NO_CONTRACT');
  claim.assertEnded('not_insured');
}

test('counts elements that began and flows that were taken, and lists what was missed with its line', async () => {
  const coverage = new Coverage();
  await smallClaim(coverage);
  const [claim] = coverage.report().models;
  const passed = claim?.parts.filter((part) => part.passed > 0).map(({ id }) => id);
  assert.deepEqual(passed, ['reported', 'look_up', 'small', 'pay', 'paid', 'begin', 'found', 'is_small', 'after_pay']);
  assert.equal(claim?.parts.length, 24);
  assert.equal(coverage.percent('claim'), (100 * 9) / 24);
  const text = coverage.text();
  assert.match(
    text,
    /^Path coverage 37\.5 %\nclaim \(claim\.bpmn\) {2}37\.5 % {2}5 of 13 elements, 4 of 11 sequence flows\n/,
  );
  assert.match(text, /not passed: unknown {2}boundaryEvent "No such contract" {2}line 13/);
  assert.match(text, /not passed: is_refused {2}approved -> refused "no"/);
  assert.throws(
    () => coverage.assertAtLeast(37.6),
    /Path coverage is 37\.5 %, wanted are at least 37\.6 %[\s\S]*not passed: decide/,
  );
  coverage.assertAtLeast(37.5);
  assert.throws(() => coverage.assertAtLeast(1, 'other'), /Nothing with the id 'other' was deployed; there are: claim/);
});

test('collects over engines, and reports of several files are put together', async () => {
  const one = new Coverage();
  const two = new Coverage();
  await smallClaim(one);
  await unknownContract(two);
  await smallClaim(two);
  const folder = mkdtempSync(join(tmpdir(), 'procos-coverage-'));
  const reports = [one, two].map((coverage, at) => {
    const file = join(folder, 'reports', `${at}.json`);
    coverage.write(file);
    return JSON.parse(readFileSync(file, 'utf8')) as CoverageReport;
  });
  rmSync(folder, { recursive: true });
  const merged = mergeReports(reports);
  assert.equal(merged.models.length, 1);
  assert.equal(merged.models[0]?.parts.find(({ id }) => id === 'reported')?.passed, 3);
  assert.equal(percentOf(...merged.models), (100 * 12) / 24);
  assert.equal(percentOf(...mergeReports([one.report()]).models), (100 * 9) / 24);
  assert.match(reportText(merged), /Path coverage 50 %/);
});

test('rules of decision tables are counted, stand-ins are not', async () => {
  const coverage = new Coverage();
  const engine = await createTestEngine({ resources: [join(EXAMPLES, 'carrier.dmn')], coverage });
  await engine.mockProcess('called', {});
  assert.equal((await engine.evaluateDecision('carrier', { weight: 0.5 })).value, 'post');
  assert.deepEqual((await engine.evaluateDecision('carrier', { weight: 20 })).rules, [{ carrier: 'parcel service' }]);
  assert.match(
    coverage.text(),
    /carrier \(carrier\.dmn\) {2}66\.6 % {2}2 of 3 rules\n {2}not passed: freight {2}rule 3 {2}line \d+$/,
  );
});

test('whatever a model holds can be passed', async () => {
  const coverage = new Coverage();
  const fixture = (name: string): string => join(EXAMPLES, `../../packages/engine/fixtures/${name}.bpmn`);
  const engine = await createTestEngine({ resources: ['compensation', 'transaction', 'link'].map(fixture), coverage });
  for (const topic of ['book', 'pay', 'check', 'unbook', 'refund', 'work', 'one', 'two']) engine.worker(topic, {});
  for (const result of ['ok', 'cancel', 'broken']) await engine.start('transaction', { variables: { result } });
  await engine.start('compensation', { variables: { amount: 1 } });
  await engine.start('link');
  assert.equal(coverage.text().replace(/^.*100 %.*\n?/gm, ''), '');
});

test('a changed model is another one', async () => {
  const coverage = new Coverage();
  const content = readFileSync(join(EXAMPLES, 'claim.bpmn'), 'utf8');
  for (const text of [content, content.replace('name="Claim"', 'name="Claims"')])
    await createTestEngine({ resources: [{ name: 'claim.bpmn', content: text }], coverage });
  assert.equal(coverage.report().models.length, 2);
  coverage.reset();
  assert.equal(coverage.text(), 'Path coverage: nothing was deployed.');
});
