/** The way that a moving token takes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Node, pointAlong, routeBetween } from './route.ts';

const node = (id: string, outgoing: Node['outgoing'] = [], attachers: readonly Node[] = []): Node => ({
  id,
  outgoing,
  attachers,
});

describe('routes', () => {
  const end = node('end');
  const gateway = node('gateway', [
    {
      target: end,
      waypoints: [
        { x: 10, y: 0 },
        { x: 10, y: 10 },
      ],
    },
  ]);
  const task = node('task', [
    {
      target: gateway,
      waypoints: [
        { x: 0, y: 0 },
        { x: 10, y: 0 },
      ],
    },
  ]);

  it('passes through elements at which the token did not stop', () => {
    assert.deepEqual(routeBetween([task], 'end')?.at(-1), { x: 10, y: 10 });
  });

  it('leaves by a boundary event too', () => {
    const boundary = node('boundary', [{ target: end, waypoints: [{ x: 1, y: 1 }] }]);
    assert.deepEqual(routeBetween([node('host', [], [boundary])], 'end'), [{ x: 1, y: 1 }]);
  });

  it('is none when no flow leads there, also in a loop', () => {
    const loop: Node = { id: 'loop', outgoing: [], attachers: [] };
    Object.assign(loop, { outgoing: [{ target: loop, waypoints: [] }] });
    assert.equal(routeBetween([loop], 'end'), null);
  });

  it('is walked by length, not by bends', () => {
    const line = [
      { x: 0, y: 0 },
      { x: 30, y: 0 },
      { x: 30, y: 10 },
    ];
    assert.deepEqual(pointAlong(line, 0.5), { x: 20, y: 0 });
    assert.deepEqual(pointAlong(line, 1), { x: 30, y: 10 });
  });
});
