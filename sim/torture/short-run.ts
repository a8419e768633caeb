/** The tests of a scenario: what a kernel process has acknowledged survives a few of its faults, and a planted fault is found. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Scenario } from './scenario.ts';

const LONGEST_MS = 600_000;

/** Called in a file of its own for each scenario: they wait much of their time, and the runner runs files beside each other. */
export function testShortRun({ name, does, rounds, missing, run, control }: Scenario): void {
  const required = process.env['PROCOS_REQUIRE_ALL'] === '1';
  const absence = missing();
  // What can be installed must be; what the machine does not allow, nobody can install.
  const skip = absence === null || (required && absence.component) ? false : absence.why;
  const options = { skip, timeout: LONGEST_MS };
  it(`${name}: nothing acknowledged is lost (${does})`, options, async () => {
    const wanted = required ? (rounds.ci ?? rounds.short) : rounds.short;
    const { broken, acknowledged } = await run({ rounds: wanted, seed: 1, plant: 'none' });
    assert.deepEqual(broken, []);
    assert.ok(acknowledged > 0, 'the clients got nothing done: nothing was tested');
  });
  it(`${name}: the planted fault ${control.plant} is found`, options, async () => {
    const { broken } = await run({ rounds: control.rounds, seed: 1, plant: control.plant });
    const caught = broken.some(({ invariant }) => control.breaks.includes(invariant));
    assert.ok(caught, JSON.stringify(broken));
  });
}
