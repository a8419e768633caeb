/** Sequence flows and gateways of every kind. */
import assert from 'node:assert/strict';
import type { Lab } from '../lab.ts';
import { both, camunda7, type Row, table } from '../row.ts';

const HALF_HOUR = 1_800_000;

/** `start`, then the gateway, which leads to the works `a`, `b` and `c` and from each to an end. */
async function choosing(lab: Lab, tag: string, conditions: string, attributes = ''): Promise<void> {
  const { draft } = lab;
  const works = ['a', 'b', 'c'].map((id) => draft.work(id) + draft.end(`${id}End`)).join('');
  await lab.deploy(
    draft.start() +
      draft.element(tag, 'which', { attributes }) +
      works +
      draft.flows('start > which; a > aEnd; b > bEnd; c > cEnd') +
      conditions,
  );
}

/** What is open for each value of `x`. */
function openFor(lab: Lab, ...values: readonly number[]): string[] {
  return values.map((x) => {
    lab.start({ x });
    const open = lab.open.join();
    for (const topic of lab.open) lab.work(topic);
    return open;
  });
}

const above = (lab: Lab, target: string, x: number): string => lab.draft.when('which', target, `x > ${x}`);

/** Two branches `a` and `b` between the gateways `fork` and `join` of these kinds, `c` after them. */
function branches(lab: Lab, fork: string, join: string, joinInner = ''): string {
  const { draft } = lab;
  return (
    draft.element(fork, 'fork') +
    draft.work('a') +
    draft.work('b') +
    draft.element(join, 'join', { inner: joinInner }) +
    draft.work('c') +
    draft.end()
  );
}

const sequenceFlows = table('Sequence flows', 'sequenceFlow', [
  [
    'flow.conditional',
    'conditional flows out of an activity: every one that holds',
    both(async (lab) => {
      await choosing(lab, 'task', above(lab, 'a', 1) + above(lab, 'b', 2) + above(lab, 'c', 9));
      assert.deepEqual(openFor(lab, 2, 3), ['a', 'a,b']);
    }),
  ],
  [
    'flow.default',
    'default flow out of an activity: when none holds',
    both(async (lab) => {
      await choosing(
        lab,
        'task',
        above(lab, 'a', 1) + above(lab, 'b', 2) + lab.draft.flow('which', 'c'),
        'default="which_c"',
      );
      assert.deepEqual(openFor(lab, 0, 3), ['c', 'a,b']);
    }),
  ],
  [
    'flow.several',
    'several flows out of an activity and into one, without gateways',
    both(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          draft.work('a') +
          draft.work('b') +
          draft.work('c') +
          draft.end() +
          draft.flows('start > a > c > end; start > b > c'),
      );
      lab.start();
      lab.work('a');
      assert.deepEqual(lab.open, ['b', 'c']);
      lab.work('b');
      assert.deepEqual(lab.open, ['c', 'c']);
    }),
  ],
  [
    'flow.script',
    'condition as a script, in the sandbox',
    camunda7(async (lab) => {
      const { draft } = lab;
      const script = `<bpmn:sequenceFlow id="f" sourceRef="which" targetRef="a"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression" language="javascript">x &gt; 1</bpmn:conditionExpression></bpmn:sequenceFlow>`;
      await choosing(lab, 'exclusiveGateway', script + draft.flow('which', 'b'), 'default="which_b"');
      lab.start({ x: 2 });
      assert.equal(lab.work('procos.script', {}, { result: true }).headers['script_source'], 'x > 1');
      assert.deepEqual(lab.open, ['a']);
    }, 'conditions are FEEL'),
  ],
]);

const exclusive = table('Gateways', 'exclusiveGateway', [
  [
    'exclusive.split',
    'exclusive: the first condition that holds, in the order of the file',
    both(async (lab) => {
      await choosing(lab, 'exclusiveGateway', above(lab, 'a', 5) + above(lab, 'b', 1) + above(lab, 'c', 0));
      assert.deepEqual(openFor(lab, 9, 2, 1), ['a', 'b', 'c']);
    }),
  ],
  [
    'exclusive.default',
    'exclusive: default flow; without one an incident',
    both(async (lab) => {
      await choosing(lab, 'exclusiveGateway', above(lab, 'a', 5) + lab.draft.flow('which', 'b'), 'default="which_b"');
      assert.deepEqual(openFor(lab, 9, 2), ['a', 'b']);
      await choosing(lab, 'exclusiveGateway', above(lab, 'a', 5));
      lab.start({ x: 1 });
      assert.deepEqual(lab.incidents, ['noOutgoingFlow at which']);
    }),
  ],
  [
    'exclusive.merge',
    'exclusive: merges without waiting',
    both(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          branches(lab, 'parallelGateway', 'exclusiveGateway') +
          draft.flows('start > fork > a > join > c > end; fork > b > join'),
      );
      lab.start();
      lab.work('a');
      assert.deepEqual(lab.open, ['b', 'c']);
      lab.work('b');
      assert.deepEqual(lab.open, ['c', 'c']);
    }),
  ],
]);

const parallel = table('Gateways', 'parallelGateway', [
  [
    'parallel.fork-join',
    'parallel: all flows at once; the join waits for one token on every flow',
    both(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          branches(lab, 'parallelGateway', 'parallelGateway') +
          draft.flows('start > fork > a > join > c > end; fork > b > join'),
      );
      lab.start();
      assert.deepEqual(lab.open, ['a', 'b']);
      lab.work('a');
      assert.deepEqual(lab.open, ['b']);
      lab.work('b');
      assert.deepEqual(lab.open, ['c']);
      lab.work('c');
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'parallel.two-on-one-flow',
    'parallel: two tokens on one flow do not open a join of two flows',
    both(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          branches(lab, 'parallelGateway', 'parallelGateway') +
          draft.flows('start > fork > a > join > c > end; fork > b > join') +
          draft.again('fork', 'a'),
      );
      lab.start();
      lab.work('a');
      lab.work('a');
      assert.deepEqual(lab.open, ['b']);
    }),
  ],
]);

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

const complex = table('Gateways', 'complexGateway', [
  [
    'complex.split',
    'complex: every condition that holds, else the default flow',
    both(async (lab) => {
      await choosing(
        lab,
        'complexGateway',
        above(lab, 'a', 1) + above(lab, 'b', 2) + lab.draft.flow('which', 'c'),
        'default="which_c"',
      );
      assert.deepEqual(openFor(lab, 3, 0), ['a,b', 'c']);
    }),
  ],
  [
    'complex.join',
    'complex: activation condition (here two of three); the rest of the round is swallowed, then a new one begins',
    both(async (lab) => {
      const { draft } = lab;
      const condition = draft.formal(
        'activationCondition',
        draft.expression('activationCount == 2', 'activationCount = 2'),
      );
      await lab.deploy(
        draft.start() +
          draft.element('exclusiveGateway', 'begin') +
          branches(lab, 'parallelGateway', 'complexGateway', condition) +
          draft.work('d') +
          draft.element('exclusiveGateway', 'more', { attributes: 'default="more_end"' }) +
          draft.flows('start > begin > fork > a > join > c > more > end; fork > b > join; fork > d > join') +
          draft.when('more', 'begin', 'again'),
      );
      lab.start({ again: true });
      lab.work('a');
      assert.deepEqual(lab.open, ['b', 'd']);
      lab.work('d');
      assert.deepEqual(lab.open, ['b', 'c']);
      lab.work('b');
      assert.deepEqual(lab.open, ['c']);
      lab.work('c');
      for (const topic of ['b', 'd', 'a']) lab.work(topic);
      lab.work('c', { again: false });
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'complex.without-condition',
    'complex: without a condition every token activates it',
    both(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          branches(lab, 'parallelGateway', 'complexGateway') +
          draft.flows('start > fork > a > join > c > end; fork > b > join'),
      );
      lab.start();
      lab.work('a');
      assert.deepEqual(lab.open, ['b', 'c']);
      lab.work('b');
      lab.work('c');
      assert.equal(lab.state, 'completed');
    }),
  ],
]);

export const gateways: readonly Row[] = [
  ...sequenceFlows,
  ...exclusive,
  ...inclusive,
  ...parallel,
  ...eventBased,
  ...complex,
];
