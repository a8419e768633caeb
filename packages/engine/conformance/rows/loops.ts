/** Loop markers and their options, and the quantities of tokens. */
import assert from 'node:assert/strict';
import type { Draft } from '../draft.ts';
import type { Lab } from '../lab.ts';
import { both, camunda7, none, type Row, runs, table } from '../row.ts';

/** `start`, the work `a` with this loop, `end`, and what stands beside. */
async function looping(lab: Lab, loop: string, beside = '', extensions = ''): Promise<void> {
  const { draft } = lab;
  await lab.deploy(
    draft.start() +
      draft.work('a', { inner: loop, extensions }) +
      draft.end() +
      draft.flows('start > a > end') +
      beside,
  );
}

interface Multi {
  readonly attributes?: string;
  /** `zeebe:loopCharacteristics` beyond the input. */
  readonly zeebe?: string;
  readonly inner?: string;
}

/** Once for every item of the variable `items`. */
function multi(draft: Draft, { attributes = '', zeebe = '', inner = '' }: Multi = {}): string {
  const camunda = draft.say('camunda:collection="items" camunda:elementVariable="item"', '');
  const extensions = draft.say(
    '',
    `<bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=items" inputElement="item" ${zeebe} /></bpmn:extensionElements>`,
  );
  return `<bpmn:multiInstanceLoopCharacteristics ${camunda} ${attributes}>${extensions}${inner}</bpmn:multiInstanceLoopCharacteristics>`;
}

/** Counts how often the signal `each` is thrown. */
function counting(draft: Draft): string {
  return draft.eventSub('es', draft.signal('each'), false, '', draft.pass('handled'));
}

/** The event definition that a loop refers to stands at the root. */
function rootSignal(draft: Draft): void {
  draft.signal('each');
  draft.root('Each', '<bpmn:signalEventDefinition id="Each" signalRef="Signal_each" />');
}

const ITEMS = { items: ['x', 'y', 'z'] };

function behaves(written: (draft: Draft) => Multi, times: number): Row['cells'] {
  return both(async (lab) => {
    rootSignal(lab.draft);
    await looping(lab, multi(lab.draft, written(lab.draft)), counting(lab.draft));
    lab.start(ITEMS);
    for (const _ of ITEMS.items) lab.work('a');
    assert.equal(lab.state, 'completed');
    assert.equal(lab.times('handled'), times);
  });
}

const standard = table('Loops', 'serviceTask', [
  [
    'loop.standard.before',
    'standard loop: condition before each round (testBefore)',
    both(async (lab) => {
      const { draft } = lab;
      await looping(
        lab,
        `<bpmn:standardLoopCharacteristics testBefore="true">${draft.formal('loopCondition', draft.expression('x < 3'))}</bpmn:standardLoopCharacteristics>`,
      );
      lab.start({ x: 1 });
      lab.work('a', { x: 2 });
      lab.work('a', { x: 3 });
      assert.equal(lab.state, 'completed');
      lab.start({ x: 3 });
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'loop.standard.after',
    'standard loop: condition after each round',
    both(async (lab) => {
      const { draft } = lab;
      await looping(
        lab,
        `<bpmn:standardLoopCharacteristics>${draft.formal('loopCondition', draft.expression('x < 3'))}</bpmn:standardLoopCharacteristics>`,
      );
      lab.start({ x: 3 });
      assert.deepEqual(lab.open, ['a']);
      lab.work('a');
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'loop.standard.maximum',
    'standard loop: loopMaximum',
    both(async (lab) => {
      await looping(lab, '<bpmn:standardLoopCharacteristics loopMaximum="2" />');
      lab.start();
      lab.work('a');
      lab.work('a');
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'loop.standard.endless',
    'standard loop without condition and maximum',
    (() => {
      const cell = {
        kind: 'refused',
        note: 'it would never end',
        story: (lab: Lab) =>
          lab.refuses(
            'endless-loop',
            /without a condition and without a maximum/,
            lab.draft.start() +
              lab.draft.work('a', { inner: '<bpmn:standardLoopCharacteristics />' }) +
              lab.draft.end() +
              lab.draft.flows('start > a > end'),
          ),
      } as const;
      return { camunda7: cell, camunda8: cell };
    })(),
  ],
]);

const multiple = table('Loops', 'serviceTask', [
  [
    'loop.parallel',
    'multi-instance, parallel: once for every item of a collection, side by side',
    both(async (lab) => {
      await looping(lab, multi(lab.draft));
      lab.start(ITEMS);
      const seen = lab.world.fetchAll('a').map(({ variables }) => variables['item']?.value);
      assert.deepEqual(seen, ['x', 'y', 'z']);
      lab.start({ items: [] });
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'loop.sequential',
    'multi-instance, sequential: one after the other, in order',
    both(async (lab) => {
      await looping(lab, multi(lab.draft, { attributes: 'isSequential="true"' }));
      lab.start(ITEMS);
      for (const item of ITEMS.items) {
        assert.deepEqual(lab.open, ['a']);
        assert.equal(lab.work('a').variables['item']?.value, item);
      }
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'loop.counter',
    'loopCounter (from 0 in Camunda 7, from 1 in Camunda 8)',
    both(async (lab) => {
      await looping(lab, multi(lab.draft));
      lab.start(ITEMS);
      const seen = lab.world.fetchAll('a').map(({ variables }) => variables['loopCounter']?.value);
      assert.deepEqual(seen, lab.draft.isCamunda7 ? [0, 1, 2] : [1, 2, 3]);
    }),
  ],
  [
    'loop.cardinality',
    'multi-instance: loopCardinality',
    camunda7(async (lab) => {
      const { draft } = lab;
      await looping(
        lab,
        `<bpmn:multiInstanceLoopCharacteristics>${draft.formal('loopCardinality', draft.expression('n + 1'))}</bpmn:multiInstanceLoopCharacteristics>`,
      );
      lab.start({ n: 1 });
      assert.deepEqual(lab.open, ['a', 'a']);
    }, 'Camunda 8 loops over a collection'),
  ],
  [
    'loop.completion',
    'multi-instance: completion condition, which cancels what remains',
    both(async (lab) => {
      const { draft } = lab;
      const condition = draft.formal(
        'completionCondition',
        draft.expression('nrOfCompletedInstances >= 2', 'numberOfCompletedInstances >= 2'),
      );
      await looping(lab, multi(draft, { inner: condition }));
      lab.start(ITEMS);
      lab.work('a');
      assert.equal(lab.state, 'active');
      lab.work('a');
      assert.deepEqual(lab.trace, ['start', 'a', 'a', '-a', 'a', 'end']);
    }),
  ],
  [
    'loop.output',
    'multi-instance: output collection, in the order of the input',
    {
      camunda7: none('Camunda 7 has no attribute for it; see the loop over BPMN data'),
      camunda8: runs(async (lab) => {
        await looping(lab, multi(lab.draft, { zeebe: 'outputCollection="results" outputElement="=result"' }));
        lab.start(ITEMS);
        const tasks = lab.world.fetchAll('a');
        for (const { task, variables } of [...tasks].reverse())
          lab.world.do({
            type: 'completeExternalTask',
            externalTaskId: task.id,
            workerId: 'w',
            variables: { result: variables['item'] ?? { type: 'Null', value: null } },
          });
        assert.deepEqual(lab.variables['results'], ['x', 'y', 'z']);
      }),
    },
  ],
  [
    'loop.data',
    'multi-instance over BPMN data: loopDataInputRef, inputDataItem, loopDataOutputRef, outputDataItem',
    both(async (lab) => {
      const data =
        '<bpmn:ioSpecification id="io"><bpmn:dataInput id="rows" name="rows" /><bpmn:dataOutput id="results" name="results" /><bpmn:inputSet id="is"><bpmn:dataInputRefs>rows</bpmn:dataInputRefs></bpmn:inputSet><bpmn:outputSet id="os"><bpmn:dataOutputRefs>results</bpmn:dataOutputRefs></bpmn:outputSet></bpmn:ioSpecification>' +
        '<bpmn:dataInputAssociation id="dia"><bpmn:sourceRef>orders</bpmn:sourceRef><bpmn:targetRef>rows</bpmn:targetRef></bpmn:dataInputAssociation>' +
        '<bpmn:dataOutputAssociation id="doa"><bpmn:sourceRef>results</bpmn:sourceRef><bpmn:targetRef>invoices</bpmn:targetRef></bpmn:dataOutputAssociation>' +
        '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>rows</bpmn:loopDataInputRef><bpmn:loopDataOutputRef>results</bpmn:loopDataOutputRef><bpmn:inputDataItem id="row" name="row" /><bpmn:outputDataItem id="made" name="made" /></bpmn:multiInstanceLoopCharacteristics>';
      const objects = ['orders', 'invoices']
        .map(
          (id) =>
            `<bpmn:dataObjectReference id="${id}" name="${id}" dataObjectRef="${id}Data" /><bpmn:dataObject id="${id}Data" />`,
        )
        .join('');
      await looping(lab, data, objects);
      lab.start({ orders: ['x', 'y'] });
      lab.work('a', {}, { made: 1 });
      assert.equal(lab.work('a', {}, { made: 2 }).variables['row']?.value, 'y');
      assert.deepEqual(lab.variables['invoices'], [1, 2]);
    }),
  ],
  ['loop.behavior.all', 'multi-instance, behavior All: no event', behaves(() => ({ attributes: 'behavior="All"' }), 0)],
  [
    'loop.behavior.none',
    'multi-instance, behavior None: its event at every instance',
    behaves(() => ({ attributes: 'behavior="None" noneBehaviorEventRef="Each"' }), 3),
  ],
  [
    'loop.behavior.one',
    'multi-instance, behavior One: its event at the first instance',
    behaves(() => ({ attributes: 'behavior="One" oneBehaviorEventRef="Each"' }), 1),
  ],
  [
    'loop.behavior.complex',
    'multi-instance, behavior Complex: the event of each condition that holds',
    behaves(
      (draft) => ({
        attributes: 'behavior="Complex"',
        inner: `<bpmn:complexBehaviorDefinition id="cb">${draft.formal('condition', draft.expression('nrOfCompletedInstances >= 2', 'numberOfCompletedInstances >= 2'))}<bpmn:event id="ce"><bpmn:signalEventDefinition id="cs" signalRef="Signal_each" /></bpmn:event></bpmn:complexBehaviorDefinition>`,
      }),
      2,
    ),
  ],
  [
    'loop.boundary',
    'a boundary event on a loop belongs to the whole of it',
    both(async (lab) => {
      const { draft } = lab;
      await looping(
        lab,
        multi(draft),
        draft.boundary('on', 'a', draft.error('bad')) + draft.end('late') + draft.flows('on > late'),
      );
      lab.start(ITEMS);
      lab.fail('a', 'bad');
      assert.deepEqual(lab.open, []);
      assert.deepEqual(lab.trace.slice(-2), ['on', 'late']);
    }),
  ],
  [
    'loop.sub-process',
    'multi-instance sub-process: each with variables of its own',
    both(async (lab) => {
      const { draft } = lab;
      const inside =
        draft.start('in') + draft.work('a') + draft.work('b') + draft.end('out') + draft.flows('in > a > b > out');
      await lab.deploy(
        draft.start() + draft.sub('sub', inside + multi(draft)) + draft.end() + draft.flows('start > sub > end'),
      );
      lab.start({ items: ['x', 'y'] });
      lab.work('a');
      lab.work('a');
      const seen = lab.world.fetchAll('b').map(({ variables }) => variables['item']?.value);
      assert.deepEqual(seen, ['x', 'y']);
    }),
    'subProcess',
  ],
  [
    'loop.call',
    'multi-instance call activity',
    both(async (lab) => {
      const { draft } = lab;
      const call = draft.element('callActivity', 'call', {
        attributes: draft.say('calledElement="child"', ''),
        extensions: draft.say(
          '<camunda:in source="item" target="item" />',
          '<zeebe:calledElement processId="child" />',
        ),
        inner: multi(draft),
      });
      const child = draft.process(
        draft.start('in') + draft.work('one') + draft.end('out') + draft.flows('in > one > out'),
        'child',
      );
      await lab.deployFile(
        draft.definitions(
          draft.process(draft.start() + call + draft.end() + draft.flows('start > call > end'), 'p') + child,
        ),
      );
      lab.start(ITEMS);
      const seen = lab.world.fetchAll('one').map(({ variables }) => variables['item']?.value);
      assert.deepEqual(seen, ['x', 'y', 'z']);
    }),
    'callActivity',
  ],
]);

const quantities = table('Loops', 'serviceTask', [
  [
    'quantity.start',
    'startQuantity: waits for that many tokens',
    both(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          draft.work('b', { attributes: 'startQuantity="2"' }) +
          draft.end() +
          draft.flows('start > b > end') +
          draft.again('start', 'b'),
      );
      lab.start();
      assert.deepEqual(lab.open, ['b']);
    }),
  ],
  [
    'quantity.completion',
    'completionQuantity: puts that many tokens on the flow',
    both(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          draft.work('a', { attributes: 'completionQuantity="3"' }) +
          draft.work('b') +
          draft.end() +
          draft.flows('start > a > b > end'),
      );
      lab.start();
      lab.work('a');
      assert.deepEqual(lab.open, ['b', 'b', 'b']);
    }),
  ],
]);

export const loopRows: readonly Row[] = [...standard, ...multiple, ...quantities];
