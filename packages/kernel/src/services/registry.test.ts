/** The registry of services: who counts, whom the next call goes to, and when a failing one is left alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '../testing/clock.ts';
import { type Registration, ServiceRegistry, type Strategy } from './registry.ts';

function bench(...ids: readonly string[]) {
  const clock = manualClock();
  const registry = new ServiceRegistry(clock);
  const one = (id: string, more: Partial<Registration> = {}): Registration => ({
    ...{ id, name: 'chat', version: null, endpoint: `http://${id}/`, healthUrl: null, tags: [] },
    ...more,
  });
  for (const id of ids) registry.register(one(id));
  const pick = (wanted: { version?: string; tags?: string[]; strategy?: Strategy; name?: string } = {}) =>
    registry.choose({ name: 'chat', version: null, tags: [], strategy: 'round_robin', ...wanted });
  const chosen = (wanted: Parameters<typeof pick>[0] = {}): string => {
    const choice = pick(wanted);
    return choice.ok ? choice.service.id : choice.why;
  };
  /** Calls the service that is next, with this outcome. */
  const call = (ok: boolean): string => {
    const choice = pick();
    if (!choice.ok) return choice.why;
    registry.note(choice.service.id, choice.call, ok);
    return choice.service.id;
  };
  const breaker = (id: string) => registry.list().find((service) => service.id === id)?.breaker;
  return { clock, registry, one, pick, chosen, call, breaker };
}

test('who says that it is there counts for 60 s, then it is gone and has to register again', () => {
  const { clock, registry, chosen } = bench('a');
  clock.advance(60_000);
  assert.equal(chosen(), 'a');
  assert.ok(registry.heartbeat('a'));
  clock.advance(60_001);
  assert.equal(chosen(), 'none');
  assert.equal(registry.heartbeat('a'), undefined);
  assert.deepEqual(registry.list(), []);
  assert.equal(registry.note('a', null, true), false);
});

test('calls go round, also when somebody comes or goes', () => {
  const { registry, one, chosen } = bench('a', 'b', 'c');
  assert.deepEqual([chosen(), chosen(), chosen(), chosen()], ['a', 'b', 'c', 'a']);
  registry.register(one('d'));
  assert.equal(registry.remove('b'), true);
  assert.deepEqual([chosen(), chosen(), chosen(), chosen()], ['d', 'c', 'a', 'd']);
});

test('least_used: the one with the fewest calls under way, which end with their outcome, or after five minutes', () => {
  const { clock, registry, one, pick, chosen } = bench('a', 'b');
  const first = pick({ strategy: 'least_used' });
  assert.ok(first.ok && first.service.id === 'a');
  assert.deepEqual([chosen({ strategy: 'least_used' }), chosen({ strategy: 'least_used' })], ['b', 'a']);
  registry.note('a', first.call, true);
  const busy = () => registry.list().map(({ id, active }) => [id, active]);
  assert.deepEqual(busy(), [
    ['a', 1],
    ['b', 1],
  ]);
  for (let n = 0; n < 6; n++) {
    clock.advance(50_001);
    for (const id of ['a', 'b']) registry.register(one(id));
  }
  assert.deepEqual(busy(), [
    ['a', 0],
    ['b', 0],
  ]);
});

test('name, version and tags all have to fit', () => {
  const { registry, one, chosen, pick } = bench();
  registry.register(one('old', { version: '1', tags: ['eu'] }));
  registry.register(one('new', { version: '2', tags: ['eu', 'fast'] }));
  assert.equal(chosen({ version: '2' }), 'new');
  assert.equal(chosen({ tags: ['eu', 'fast'] }), 'new');
  assert.equal(chosen({ version: '1', tags: ['eu'] }), 'old');
  assert.equal(chosen({ version: '1', tags: ['fast'] }), 'none');
  assert.equal(chosen({ name: 'mail' }), 'none');
  const refused = pick({ version: '3', tags: ['eu'] });
  assert.match(refused.ok ? '' : refused.message, /No service chat 3 \(eu\) is registered/);
});

test('five failures in a row open the circuit for 30 s, then one call tries: well, it closes; failed, twice as long', () => {
  const { clock, registry, one, call, chosen, breaker } = bench('a');
  const alive = (ms: number): void => {
    for (let left = ms; left > 0; left -= 30_000) {
      clock.advance(Math.min(left, 30_000));
      registry.register(one('a'));
    }
  };
  for (let n = 0; n < 4; n++) call(false);
  call(true);
  for (let n = 0; n < 4; n++) call(false);
  assert.equal(breaker('a'), 'closed');
  call(false);
  assert.deepEqual([breaker('a'), call(true)], ['open', 'unavailable']);
  alive(29_999);
  assert.equal(breaker('a'), 'open');
  alive(1);
  assert.equal(breaker('a'), 'halfOpen');
  assert.deepEqual([call(false), breaker('a')], ['a', 'open']);
  alive(59_999);
  assert.equal(breaker('a'), 'open');
  alive(1);
  // One trial at a time; one that is never heard of again is given up after a minute.
  assert.deepEqual([chosen(), chosen()], ['a', 'unavailable']);
  alive(60_000);
  assert.deepEqual([call(true), breaker('a')], ['a', 'closed']);
});

test('an open circuit leaves the calls to the others, and is never open for more than five minutes', () => {
  const { clock, registry, one, call, breaker } = bench('bad', 'good');
  for (let n = 0; n < 5; n++) registry.note('bad', null, false);
  assert.deepEqual([call(true), call(true), call(true)], ['good', 'good', 'good']);
  for (let trial = 0; trial < 8; trial++) {
    for (let n = 0; n < 10; n++) {
      clock.advance(30_000);
      registry.register(one('bad'));
    }
    assert.equal(breaker('bad'), 'halfOpen', `trial ${trial}`);
    registry.note('bad', null, false);
  }
});

test('what the health URL says keeps a service from being chosen, and brings it back', () => {
  const { registry, chosen, pick } = bench('a', 'b');
  registry.noteHealth('a', false, 'status 500');
  assert.deepEqual([chosen(), chosen()], ['b', 'b']);
  registry.noteHealth('b', false, 'no answer');
  const refused = pick();
  assert.match(refused.ok ? '' : refused.message, /a: unhealthy \(status 500\); b: unhealthy \(no answer\)/);
  registry.noteHealth('a', true, null);
  assert.equal(chosen(), 'a');
});

test('registering again keeps the counts, at another address it begins anew; there are 1,000 at most', () => {
  const { registry, one, call } = bench('a');
  call(false);
  assert.equal(registry.register(one('a', { tags: ['eu'] }))?.failures, 1);
  assert.equal(registry.register(one('a', { endpoint: 'http://elsewhere/' }))?.failures, 0);
  for (let n = 1; n < 1_000; n++) assert.ok(registry.register(one(`s${n}`)));
  assert.equal(registry.register(one('one more')), undefined);
  assert.ok(registry.register(one('a')));
});
