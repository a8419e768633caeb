/** Short runs of the torture: what a kernel process has acknowledged survives its faults, and a planted fault is found. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SCENARIOS } from './scenarios.ts';

const required = process.env['PROCOS_REQUIRE_ALL'] === '1';

for (const { name, does, rounds, missing, run, control } of SCENARIOS) {
  const absence = missing();
  // What can be installed must be; what the machine does not allow, nobody can install.
  const skip = absence === null || (required && absence.component) ? false : absence.why;
  it(`${name}: nothing acknowledged is lost (${does})`, { skip, timeout: 600_000 }, async () => {
    const { broken, acknowledged } = await run({
      rounds: required ? (rounds.ci ?? rounds.short) : rounds.short,
      seed: 1,
      plant: 'none',
    });
    assert.deepEqual(broken, []);
    assert.ok(acknowledged > 0, 'the clients got nothing done: nothing was tested');
  });
  it(`${name}: the planted fault ${control.plant} is found`, { skip, timeout: 600_000 }, async () => {
    const { broken } = await run({ rounds: control.rounds, seed: 1, plant: control.plant });
    const caught = broken.some(({ invariant }) => control.breaks.includes(invariant));
    assert.ok(caught, JSON.stringify(broken));
  });
}
