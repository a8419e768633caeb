/** Sub-processes of every kind. */
import assert from 'node:assert/strict';
import { typed } from '../../stories/world.ts';
import { HOUR, type Lab } from '../lab.ts';
import { both, camunda8, type Row, table } from '../row.ts';

/** `start`, then the sub-process `sub`, then `end`. */
async function around(lab: Lab, sub: string, beside = ''): Promise<void> {
  const { draft } = lab;
  await lab.deploy(draft.start() + sub + draft.end() + draft.flows('start > sub > end') + beside);
}

const drawing = table('Sub-processes', 'process', [
  [
    'drawing',
    'pools, lanes, message flows, groups and text annotations: drawn beside what executes',
    both(async (lab) => {
      const { draft } = lab;
      const beside =
        '<bpmn:laneSet id="lanes"><bpmn:lane id="lane"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>';
      const after =
        '<bpmn:textAnnotation id="note"><bpmn:text>so</bpmn:text></bpmn:textAnnotation><bpmn:association id="to" sourceRef="a" targetRef="note" /><bpmn:group id="group" />';
      const process = draft.process(
        `${beside}${draft.start()}${draft.work('a')}${draft.end()}${draft.flows('start > a > end')}${after}`,
        'p',
      );
      const pools =
        '<bpmn:collaboration id="c"><bpmn:participant id="us" processRef="p" /><bpmn:participant id="them" name="Them" /><bpmn:messageFlow id="mf" sourceRef="a" targetRef="them" /></bpmn:collaboration>';
      await lab.deployFile(draft.definitions(pools + process));
      lab.start();
      lab.work('a');
      assert.deepEqual(lab.trace, ['start', 'a', 'end']);
    }),
  ],
]);

const embedded = table('Sub-processes', 'subProcess', [
  [
    'sub.embedded',
    'embedded: done when nothing is left inside; has variables of its own',
    both(async (lab) => {
      const { draft } = lab;
      const inside =
        draft.start('in') +
        draft.work('a') +
        draft.work('b') +
        draft.end('out') +
        draft.flows('in > a > out; in > b > out');
      const own = draft.say(
        '<camunda:inputOutput><camunda:inputParameter name="own">${x}</camunda:inputParameter></camunda:inputOutput>',
        '<zeebe:ioMapping><zeebe:input source="=x" target="own" /></zeebe:ioMapping>',
      );
      await around(lab, draft.element('subProcess', 'sub', { inner: inside, extensions: own }));
      lab.start({ x: 1 });
      lab.work('a');
      assert.equal(lab.state, 'active');
      assert.equal(lab.work('b').variables['own']?.value, 1);
      assert.deepEqual(lab.trace.slice(-2), ['sub', 'end']);
      assert.deepEqual(lab.variables, { x: 1 });
    }),
  ],
  [
    'sub.interrupted',
    'embedded: an interrupting boundary event ends all inside',
    both(async (lab) => {
      const { draft } = lab;
      const inside =
        draft.start('in') +
        draft.work('a') +
        draft.work('b') +
        draft.end('out') +
        draft.flows('in > a > out; in > b > out');
      await around(
        lab,
        draft.sub('sub', inside),
        draft.boundary('on', 'sub', draft.timer('timeDuration', 'PT1H')) + draft.flow('on', 'end'),
      );
      lab.start();
      lab.advance(HOUR);
      assert.deepEqual(lab.open, []);
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'sub.event.nested',
    'event sub-process inside a sub-process: the scope around goes on',
    both(async (lab) => {
      const { draft } = lab;
      const inside =
        draft.start('in') +
        draft.work('a') +
        draft.end('out') +
        draft.flows('in > a > out') +
        draft.eventSub('es', draft.message('stop'));
      await around(lab, draft.sub('sub', inside));
      lab.start();
      lab.send('stop');
      assert.deepEqual(lab.open, ['handled']);
      lab.work('handled');
      assert.deepEqual(lab.trace.slice(-2), ['sub', 'end']);
    }),
    'eventSubProcess',
  ],
  [
    'sub.event.again',
    'event sub-process, non-interrupting: several at once, each with its own variables',
    both(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          draft.work('a') +
          draft.end() +
          draft.flows('start > a > end') +
          draft.eventSub('es', draft.message('note'), false),
      );
      lab.start();
      lab.send('note');
      lab.send('note');
      assert.deepEqual(lab.open, ['a', 'handled', 'handled']);
    }),
    'eventSubProcess',
  ],
]);

/** `a` can be undone; then `check` decides by `how` whether the transaction is done, canceled or broken. */
async function transaction(lab: Lab): Promise<void> {
  const { draft } = lab;
  const inside =
    draft.start('in') +
    draft.undoable('a') +
    draft.work('check') +
    draft.element('exclusiveGateway', 'how', { attributes: 'default="how_done"' }) +
    draft.end('done') +
    draft.end('stop', draft.cancel()) +
    draft.end('broken', draft.error('bad')) +
    draft.flows('in > a > check > how > done') +
    draft.when('how', 'stop', 'result == "cancel"', 'result = "cancel"') +
    draft.when('how', 'broken', 'result == "broken"', 'result = "broken"');
  await around(
    lab,
    draft.element('transaction', 'sub', { inner: inside }),
    draft.boundary('canceled', 'sub', draft.cancel()) +
      draft.boundary('hazard', 'sub', draft.error('bad')) +
      draft.end('endCanceled') +
      draft.end('endHazard') +
      draft.flows('canceled > endCanceled; hazard > endHazard'),
  );
}

function transactionEnds(result: string, end: string, undoes: boolean): Row['cells'] {
  return both(async (lab) => {
    await transaction(lab);
    lab.start();
    lab.work('a');
    lab.work('check', { result });
    assert.deepEqual(lab.open, undoes ? ['undo_a'] : []);
    if (undoes) lab.work('undo_a');
    assert.equal(lab.trace.at(-1), end);
    assert.equal(lab.state, 'completed');
  });
}

const transactions = table('Sub-processes', 'transaction', [
  ['transaction.done', 'transaction: completed', transactionEnds('ok', 'end', false)],
  [
    'transaction.cancel',
    'transaction: canceled, undone, left by its cancel boundary event',
    transactionEnds('cancel', 'endCanceled', true),
  ],
  [
    'transaction.hazard',
    'transaction: hazard, left by an error without undoing',
    transactionEnds('broken', 'endHazard', false),
  ],
]);

interface AdHoc {
  readonly attributes?: string;
  readonly extensions?: string;
  readonly condition?: string;
}

async function adHoc(lab: Lab, { attributes = '', extensions = '', condition }: AdHoc = {}): Promise<void> {
  const { draft } = lab;
  const inner = draft.work('a') + draft.work('b') + draft.work('c') + draft.flows('b > c');
  await around(
    lab,
    draft.element('adHocSubProcess', 'sub', {
      attributes,
      extensions,
      inner: inner + (condition === undefined ? '' : draft.formal('completionCondition', draft.expression(condition))),
    }),
  );
}

function activate(lab: Lab, ...elementIds: string[]): void {
  const alone = elementIds.length === 1;
  lab.world.do({
    type: 'activateAdHoc',
    processInstanceId: lab.id,
    elementInstanceId: lab.instanceOf('sub'),
    elements: elementIds.map((elementId) => ({
      elementId,
      ...(alone ? { variables: typed({ own: elementId }) } : {}),
    })),
  });
}

const adHocs = table('Sub-processes', 'adHocSubProcess', [
  [
    'adhoc.outside',
    'ad-hoc: activities are started from outside, any number of times, with variables; done when nothing is active',
    both(async (lab) => {
      await adHoc(lab);
      lab.start();
      assert.deepEqual(lab.open, []);
      activate(lab, 'a');
      activate(lab, 'b', 'a');
      assert.deepEqual(lab.open, ['a', 'a', 'b']);
      assert.equal(lab.work('a').variables['own']?.value, 'a');
      lab.work('b');
      lab.work('c');
      assert.equal(lab.state, 'active');
      lab.work('a');
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'adhoc.sequential',
    'ad-hoc: sequential, one activity at a time',
    both(async (lab) => {
      await adHoc(lab, { attributes: 'ordering="Sequential"' });
      lab.start();
      activate(lab, 'a', 'b');
      assert.deepEqual(lab.open, ['a']);
      lab.work('a');
      assert.deepEqual(lab.open, ['b']);
    }),
  ],
  [
    'adhoc.condition',
    'ad-hoc: completion condition, which cancels what remains',
    both(async (lab) => {
      await adHoc(lab, { condition: 'enough' });
      lab.start({ enough: false });
      activate(lab, 'a', 'a', 'b');
      lab.work('a');
      assert.equal(lab.state, 'active');
      lab.work('a', { enough: true });
      assert.deepEqual(lab.trace.slice(-3), ['-b', 'sub', 'end']);
    }),
  ],
  [
    'adhoc.remaining',
    'ad-hoc: cancelRemainingInstances="false" waits for what remains',
    both(async (lab) => {
      await adHoc(lab, { condition: 'enough', attributes: 'cancelRemainingInstances="false"' });
      lab.start({ enough: true });
      activate(lab, 'a', 'a');
      lab.work('a');
      assert.deepEqual(lab.open, ['a']);
      lab.work('a');
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'adhoc.active-elements',
    'ad-hoc: activeElementsCollection says what to begin with',
    camunda8(async (lab) => {
      await adHoc(lab, { extensions: '<zeebe:adHoc activeElementsCollection="=which" />' });
      lab.start({ which: ['a', 'b'] });
      assert.deepEqual(lab.open, ['a', 'b']);
    }),
  ],
  [
    'adhoc.output-collection',
    'ad-hoc: outputCollection collects as activities complete',
    camunda8(async (lab) => {
      await adHoc(lab, {
        extensions:
          '<zeebe:adHoc activeElementsCollection="=[&quot;a&quot;, &quot;a&quot;]" outputCollection="results" outputElement="=result" />',
      });
      lab.start();
      lab.work('a', {}, { result: 1 });
      lab.work('a', {}, { result: 2 });
      assert.deepEqual(lab.variables['results'], [1, 2]);
    }),
  ],
]);

export const scopeRows: readonly Row[] = [...drawing, ...embedded, ...transactions, ...adHocs];
