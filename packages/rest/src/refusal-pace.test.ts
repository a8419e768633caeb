/** How refusals are kept to their share of the time: by a clock of the test's own. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Held, RefusalPace } from './refusal-pace.ts';

class Connection implements Held {
  reads = true;
  destroyed = false;
  readonly name: number;
  constructor(name: number) {
    this.name = name;
  }
  pause(): never {
    this.reads = false;
    return this as never;
  }
  resume(): never {
    this.reads = true;
    return this as never;
  }
}

/** Refusals of 1 ms that may take a tenth of the time: one in 10 ms. */
function setUp(): { readonly pace: RefusalPace; readonly pass: (ms: number) => void } {
  let now = 0;
  let alarms: { readonly at: number; readonly action: () => void }[] = [];
  const later = (action: () => void, ms: number): void => {
    alarms.push({ at: now + ms, action });
  };
  const pace = new RefusalPace({ share: 0.1, costMs: () => 1, now: () => now, later });
  /** In steps, so that an alarm may set the next one. */
  const pass = (ms: number): void => {
    for (let step = 0; step < ms; step += 1) {
      now += 1;
      const due = alarms.filter(({ at }) => at <= now);
      alarms = alarms.filter(({ at }) => at > now);
      for (const { action } of due) action();
    }
  };
  return { pace, pass };
}

it('what a refusal takes follows what its answers have taken, within bounds', () => {
  const waitAfter = (answerMs: number): number => {
    const pace = new RefusalPace({ share: 0.001, now: () => 0 });
    for (let n = 0; n < 2_000; n += 1) pace.took(answerMs);
    return Math.round(pace.refused());
  };
  assert.deepEqual([0.001, 0.01, 5].map(waitAfter), [16, 26, 50]);
  const pace = new RefusalPace({ share: 0.001, now: () => 0 });
  pace.took(0.001);
  pace.took(40);
  assert.ok(pace.refused() < 18, 'one that was interrupted says little');
});

describe('refusals', () => {
  it('that are few wait for nothing', () => {
    const { pace, pass } = setUp();
    pass(100);
    pace.refused();
    for (let n = 0; n < 20; n += 1) {
      pass(11);
      assert.ok(pace.refused() <= 10);
    }
  });

  it('that are many wait for their turn, each longer than the one before', () => {
    const { pace } = setUp();
    assert.deepEqual(
      Array.from({ length: 5 }, () => pace.refused()),
      [10, 20, 30, 40, 50],
    );
  });

  it('make nobody wait for more than three seconds', () => {
    const { pace } = setUp();
    const waits = Array.from({ length: 1_000 }, () => pace.refused());
    assert.equal(Math.max(...waits), 3_000);
    assert.equal(waits.at(-1), 3_000);
  });

  it('of clients that ask again at once keep to their share, and every client has its turn', () => {
    const { pace, pass } = setUp();
    const clients = Array.from({ length: 30 }, (_, name) => new Connection(name));
    const refused = new Map<number, number>();
    let busyMs = 0;
    for (let ms = 0; ms < 6_000; ms += 1) {
      for (const client of clients) {
        if (!client.reads) continue;
        busyMs += 1;
        refused.set(client.name, (refused.get(client.name) ?? 0) + 1);
        const waitMs = pace.refused();
        if (waitMs > 0) pace.hold(client, waitMs);
      }
      pass(1);
    }
    assert.ok(busyMs >= 550 && busyMs <= 650, `${busyMs} of 6,000 ms`);
    const counts = [...refused.values()];
    assert.equal(counts.length, 30);
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, counts.join());
    assert.ok(pace.held <= 30);
  });

  it('leave nothing held when they are over, and nothing is done to a connection that has gone', () => {
    const { pace, pass } = setUp();
    const clients = Array.from({ length: 5 }, (_, name) => new Connection(name));
    for (const client of clients) pace.hold(client, pace.refused());
    const [, gone] = clients;
    assert.ok(gone);
    gone.destroyed = true;
    assert.equal(pace.held, 5);
    pass(100);
    assert.equal(pace.held, 0);
    assert.deepEqual(
      clients.map(({ reads }) => reads),
      [true, false, true, true, true],
    );
    assert.equal(pace.refused(), 10, 'what was used up before is forgotten');
  });

  it('of one connection hold it once', () => {
    const { pace, pass } = setUp();
    const client = new Connection(0);
    pace.hold(client, 20);
    pace.hold(client, 500);
    assert.equal(pace.held, 1);
    pass(30);
    assert.ok(client.reads);
    assert.equal(pace.held, 0);
  });
});
