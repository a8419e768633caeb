/** Camunda 8: messages, FEEL, and what names versions. */
import assert from 'node:assert/strict';
import { HOUR, type Lab } from '../lab.ts';
import { camunda8, type Row, table } from '../row.ts';
import { single } from './camunda8-single.ts';

function publish(lab: Lab, correlationKey: string, timeToLiveMs: number): void {
  lab.world.do({ type: 'publishMessage', name: 'paid', correlationKey, timeToLiveMs });
}

async function waiting(lab: Lab): Promise<void> {
  const { draft } = lab;
  draft.messageRoot('paid', '=order.id');
  const event = '<bpmn:messageEventDefinition messageRef="Message_paid" />';
  await lab.deploy(
    draft.start() +
      draft.work('t') +
      draft.catches('wait', event) +
      draft.end() +
      draft.flows('start > t > wait > end'),
  );
}

const messages = table('Camunda 8: messages', 'intermediateCatchEvent', [
  [
    'c8.correlation-key',
    'zeebe:subscription: correlation key',
    camunda8(async (lab) => {
      await waiting(lab);
      lab.start({ order: { id: 'o-1' } });
      lab.work('t');
      publish(lab, 'o-2', 0);
      assert.equal(lab.state, 'active');
      publish(lab, 'o-1', 0);
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'c8.time-to-live',
    'a published message waits for its receiver until its time to live is over',
    camunda8(async (lab) => {
      await waiting(lab);
      publish(lab, 'o-1', HOUR);
      lab.start({ order: { id: 'o-1' } });
      lab.work('t');
      assert.equal(lab.state, 'completed');
      publish(lab, 'o-2', HOUR);
      lab.start({ order: { id: 'o-2' } });
      lab.advance(HOUR);
      lab.work('t');
      assert.equal(lab.state, 'active');
    }),
  ],
  [
    'c8.one-per-key',
    'message start event: one instance per correlation key at a time',
    camunda8(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start('start', draft.message('paid')) + draft.work('t') + draft.end() + draft.flows('start > t > end'),
      );
      publish(lab, 'a', HOUR);
      publish(lab, 'a', HOUR);
      assert.equal(lab.instances, 1);
      lab.work('t');
      assert.equal(lab.instances, 2);
    }),
    'startEvent',
  ],
  [
    'c8.message-name',
    'message name as an expression',
    camunda8(async (lab) => {
      const { draft } = lab;
      draft.root(
        'M',
        '<bpmn:message id="M" name="=kind"><bpmn:extensionElements><zeebe:subscription correlationKey="=&quot;k&quot;" /></bpmn:extensionElements></bpmn:message>',
      );
      await lab.deploy(
        draft.start() +
          draft.catches('wait', '<bpmn:messageEventDefinition messageRef="M" />') +
          draft.end() +
          draft.flows('start > wait > end'),
      );
      lab.start({ kind: 'paid' });
      lab.send('paid');
      assert.equal(lab.state, 'completed');
    }),
  ],
]);

/** The value that FEEL gives in a script task. */
async function feel(lab: Lab, expression: string, variables: Parameters<Lab['start']>[0] = {}): Promise<unknown> {
  await single(lab, 'scriptTask', `<zeebe:script expression="${expression}" resultVariable="r" />`);
  lab.start(variables);
  return lab.variables['r'];
}

const expressions = table('Camunda 8: expressions and the rest', 'expressionTask', [
  [
    'feel.expressions',
    'FEEL: arithmetic, comparison, if, for, filters, contexts, functions',
    camunda8(async (lab) => {
      assert.equal(await feel(lab, '=if a &gt; 1 then a * 2 else 0', { a: 2 }), 4);
      assert.deepEqual(await feel(lab, '=for i in list return i + 1', { list: [1, 2] }), [2, 3]);
      assert.deepEqual(await feel(lab, '=list[item &gt; 1]', { list: [1, 2, 3] }), [2, 3]);
      assert.deepEqual(await feel(lab, '={a: sum(list), b: upper case(&quot;x&quot;)}', { list: [1, 2] }), {
        a: 3,
        b: 'X',
      });
    }),
  ],
  [
    'feel.null',
    'FEEL: what is not there is null',
    camunda8(async (lab) => {
      assert.equal(await feel(lab, '=missing.member'), null);
    }),
  ],
  [
    'c8.conditional-filter',
    'zeebe:conditionalFilter: variableNames, variableEvents',
    camunda8(async (lab) => {
      const { draft } = lab;
      const filter = '<zeebe:conditionalFilter variableNames="x" variableEvents="update" />';
      await lab.deploy(
        draft.start() +
          draft.catches('wait', draft.conditional('y > 0', 'y > 0', '', filter)) +
          draft.end() +
          draft.flows('start > wait > end'),
      );
      lab.start({ y: 0 });
      lab.set({ y: 1 });
      lab.set({ x: 1 });
      assert.equal(lab.state, 'active');
      lab.set({ x: 2 });
      assert.equal(lab.state, 'completed');
    }),
    'intermediateCatchEvent',
  ],
  [
    'c8.version-tag',
    'zeebe:versionTag of a process',
    camunda8(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() + draft.end() + draft.flows('start > end'),
        'p',
        '',
        '<zeebe:versionTag value="v1" />',
      );
      assert.equal(lab.world.store.state.definitions.latest('p', null)?.versionTag, 'v1');
    }),
    'process',
  ],
  [
    'c8.decision-binding',
    'zeebe:calledDecision: decisionId as an expression, bindingType versionTag and deployment',
    camunda8(async (lab) => {
      await lab.world.deployDecisions('dish');
      const decide = (attributes: string) =>
        single(lab, 'businessRuleTask', `<zeebe:calledDecision ${attributes} resultVariable="r" />`);
      await decide('decisionId="=which" bindingType="versionTag" versionTag="menu"');
      lab.start({ which: 'dish', temperature: 20, guests: 3 });
      assert.deepEqual(lab.variables['r'], { dish: 'Salad', drink: 'Juice' });
      await decide('decisionId="dish" bindingType="deployment"');
      lab.start({ guests: 3 });
      assert.deepEqual(lab.incidents, ['decision at t']);
    }),
    'decisionTask',
  ],
  [
    'c8.error-expression',
    'error code and signal name as expressions',
    camunda8(async (lab) => {
      const { draft } = lab;
      draft.root('E', '<bpmn:error id="E" errorCode="=code" />');
      const inside =
        draft.start('in') + draft.end('out', '<bpmn:errorEventDefinition errorRef="E" />') + draft.flows('in > out');
      await lab.deploy(
        draft.start() +
          draft.sub('sub', inside) +
          draft.end() +
          draft.boundary('on', 'sub', draft.error('bad')) +
          draft.end('late') +
          draft.flows('start > sub > end; on > late'),
      );
      lab.start({ code: 'bad' });
      assert.equal(lab.trace.at(-1), 'late');
    }),
    'endEvent',
  ],
]);

export const camunda8Messages: readonly Row[] = [...messages, ...expressions];
