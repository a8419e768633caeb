/** Gateways that wait for what can still come: inclusive joins and event-based gateways. */
import assert from 'node:assert/strict';
import type { Lab } from '../lab.ts';
import { both, type Row, table } from '../row.ts';
import { above, branches, choosing, openFor } from './branching.ts';

const HALF_HOUR = 1_800_000;

const inclusiveSplit = (lab: Lab): string =>
  lab.draft.when('fork', 'a', 'x > 1') + lab.draft.when('fork', 'b', 'x > 2');

const inclusive = table('Gateways', 'inclusiveGateway', [
  [
    'inclusive.split',
    'inclusive: every condition that holds, else the default flow',
    both(async (lab) => {
      await choosing(
        lab,
        'inclusiveGateway',
        above(lab, 'a', 1) + above(lab, 'b', 2) + lab.draft.flow('which', 'c'),
        'default="which_c"',
      );
      assert.deepEqual(openFor(lab, 2, 3, 0), ['a', 'a,b', 'c']);
    }),
  ],
  [
    'inclusive.join',
    'inclusive: the join waits for the branches that were taken, no other',
    both(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          branches(lab, 'inclusiveGateway', 'inclusiveGateway') +
          draft.flows('start > fork; a > join > c > end; b > join') +
          inclusiveSplit(lab),
      );
      lab.start({ x: 2 });
      lab.work('a');
      assert.deepEqual(lab.open, ['c']);
      lab.work('c');
      lab.start({ x: 3 });
      lab.work('a');
      assert.deepEqual(lab.open, ['b']);
      lab.work('b');
      assert.deepEqual(lab.open, ['c']);
    }),
  ],
  [
    'inclusive.dead-path',
    'inclusive: a branch that ends elsewhere opens the join',
    both(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          branches(lab, 'parallelGateway', 'inclusiveGateway') +
          draft.boundary('on', 'b', draft.timer('timeDuration', 'PT1H')) +
          draft.end('late') +
          draft.flows('start > fork > a > join > c > end; fork > b > join; on > late'),
      );
      lab.start();
      lab.work('a');
      assert.deepEqual(lab.open, ['b']);
      lab.advance(2 * HALF_HOUR);
      assert.deepEqual(lab.open, ['c']);
    }),
  ],
  [
    'inclusive.loop',
    'inclusive: in a loop, tokens that come round again are waited for',
    both(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          branches(lab, 'parallelGateway', 'inclusiveGateway') +
          draft.element('exclusiveGateway', 'more', { attributes: 'default="more_join"' }) +
          draft.flows('start > fork > a > join > c > end; fork > b > more > join') +
          draft.when('more', 'b', 'again'),
      );
      lab.start({ again: true });
      lab.work('a');
      lab.work('b');
      assert.deepEqual(lab.open, ['b']);
      lab.work('b', { again: false });
      assert.deepEqual(lab.open, ['c']);
    }),
  ],
  [
    'inclusive.sub-process',
    'inclusive: inside a sub-process, only tokens inside count',
    both(async (lab) => {
      const { draft } = lab;
      const inside =
        draft.start('in') +
        branches(lab, 'inclusiveGateway', 'inclusiveGateway') +
        draft.flows('in > fork; a > join > c > end; b > join') +
        inclusiveSplit(lab);
      await lab.deploy(
        draft.start() +
          draft.sub('sub', inside) +
          draft.work('d') +
          draft.end('after') +
          draft.end('dEnd') +
          draft.flows('start > sub > after; start > d > dEnd'),
      );
      lab.start({ x: 2 });
      lab.work('a');
      assert.deepEqual(lab.open, ['c', 'd']);
    }),
  ],
]);

function racing(lab: Lab, attributes = ''): string {
  const { draft } = lab;
  return (
    draft.element('eventBasedGateway', 'first', { attributes }) +
    draft.catches('paid', draft.message('paid')) +
    draft.catches('stop', draft.signal('stop')) +
    draft.work('a') +
    draft.work('b') +
    draft.end() +
    draft.flows('first > paid > a > end; first > stop > b > end')
  );
}

const eventBased = table('Gateways', 'eventBasedGateway', [
  [
    'event-based.exclusive',
    'event-based: the first event decides (message, signal, timer, condition, receive task)',
    both(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          racing(lab) +
          draft.catches('late', draft.timer('timeDuration', 'PT1H')) +
          draft.catches('much', draft.conditional('x > 1')) +
          draft.element('receiveTask', 'told', { attributes: `messageRef="${draft.messageRoot('told')}"` }) +
          draft.flows('start > first > late > end; first > much > end; first > told > end'),
      );
      const after = (happen: () => void) => {
        lab.start({ x: 0 });
        happen();
        assert.equal(lab.world.store.find('subscriptions').length + lab.world.store.find('timers').length, 0);
        return lab.trace[2];
      };
      const seen = [
        () => lab.send('paid'),
        () => lab.broadcast('stop'),
        () => lab.advance(2 * HALF_HOUR),
        () => lab.set({ x: 2 }),
        () => lab.send('told'),
      ].map(after);
      assert.deepEqual(seen, ['paid', 'stop', 'late', 'much', 'told']);
    }),
  ],
  [
    'event-based.instantiating',
    'event-based, instantiating: each of its events starts an instance',
    both(async (lab) => {
      await lab.deploy(racing(lab, 'instantiate="true"'));
      lab.send('paid', {}, '');
      assert.deepEqual(lab.open, ['a']);
      lab.broadcast('stop');
      assert.deepEqual(lab.open, ['a', 'b']);
      assert.equal(lab.instances, 2);
    }),
  ],
  [
    'event-based.parallel',
    'event-based, instantiating, parallel: one instance, which waits for all of its events',
    both(async (lab) => {
      await lab.deploy(racing(lab, 'instantiate="true" eventGatewayType="Parallel"'));
      lab.send('paid', {}, '');
      assert.deepEqual(lab.open, ['a']);
      lab.work('a');
      lab.broadcast('stop');
      assert.equal(lab.instances, 1);
      lab.work('b');
      assert.deepEqual(
        lab.world.store.find('processInstances').map(({ state }) => state),
        ['completed'],
      );
    }),
  ],
]);

export const waitingGateways: readonly Row[] = [...inclusive, ...eventBased];
