/** Sequence flows, and gateways that decide or count tokens. */
import assert from 'node:assert/strict';
import { both, camunda7, type Row, table } from '../row.ts';
import { above, branches, choosing, openFor } from './branching.ts';

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

export const gateways: readonly Row[] = [...sequenceFlows, ...exclusive, ...parallel, ...complex];
