/** Every kind of activity that waits, with what every activity can have: boundary events, loops, undoing, listeners. */
import assert from 'node:assert/strict';
import type { ElementType } from '@procos/bpmn';
import type { Draft, Written } from '../draft.ts';
import type { Lab } from '../lab.ts';
import { both, camunda7, type Row, ZEEBE_HAS_NONE } from '../row.ts';

interface Kind {
  readonly id: string;
  readonly name: string;
  readonly element: ElementType;
  /** The activity `id` with these parts. */
  readonly draw: (draft: Draft, id: string, written?: Written) => string;
  /** Does the work of one instance of it that is waiting. */
  readonly finish: (lab: Lab) => void;
  /** Whether one more instance of it is waiting. */
  readonly waits: (lab: Lab) => number;
}

function open(topic: string): (lab: Lab) => number {
  return (lab) => lab.open.filter((one) => one === topic).length;
}

function byWorker(id: string, name: string, element: ElementType): Kind {
  return {
    id,
    name,
    element,
    draw: (draft, own, written = {}) => {
      const { attributes = '', extensions = '', inner = '' } = written;
      return draft.element(element, own, {
        attributes: draft.say(`camunda:type="external" camunda:topic="x" ${attributes}`, attributes),
        extensions: draft.say(extensions, `<zeebe:taskDefinition type="x" />${extensions}`),
        inner,
      });
    },
    finish: (lab) => void lab.work('x'),
    waits: open('x'),
  };
}

/** A scope with the work `x` inside. */
function scope(id: string, name: string, element: 'subProcess' | 'transaction'): Kind {
  return {
    id,
    name,
    element,
    draw: (draft, own, { attributes = '', extensions = '', inner = '' } = {}) => {
      const [start, work, end] = [`${own}In`, `${own}Work`, `${own}Out`];
      const inside =
        draft.start(start) + topicX(draft, work) + draft.end(end) + draft.flows(`${start} > ${work} > ${end}`);
      return draft.element(element, own, { attributes, extensions, inner: inside + inner });
    },
    finish: (lab) => void lab.work('x'),
    waits: open('x'),
  };
}

function topicX(draft: Draft, id: string): string {
  return draft.element('serviceTask', id, {
    attributes: draft.say('camunda:type="external" camunda:topic="x"', ''),
    extensions: draft.say('', '<zeebe:taskDefinition type="x" />'),
  });
}

const KINDS: readonly Kind[] = [
  byWorker('service', 'service task', 'serviceTask'),
  byWorker('send', 'send task', 'sendTask'),
  byWorker('business-rule', 'business rule task', 'businessRuleTask'),
  {
    id: 'script',
    name: 'script task',
    element: 'scriptTask',
    draw: (draft, id, { attributes = '', extensions = '', inner = '' } = {}) =>
      draft.isCamunda7
        ? draft.element('scriptTask', id, {
            attributes: `scriptFormat="javascript" ${attributes}`,
            extensions,
            inner: `${inner}<bpmn:script>1</bpmn:script>`,
          })
        : draft.element('scriptTask', id, {
            attributes,
            extensions: `<zeebe:taskDefinition type="procos.script" />${extensions}`,
            inner,
          }),
    finish: (lab) => void lab.work('procos.script'),
    waits: open('procos.script'),
  },
  {
    id: 'user',
    name: 'user task',
    element: 'userTask',
    draw: (draft, id, { attributes = '', extensions = '', inner = '' } = {}) =>
      draft.element('userTask', id, {
        attributes,
        extensions: draft.say('', '<zeebe:userTask />') + extensions,
        inner,
      }),
    finish: (lab) => lab.completeUserTask(),
    waits: (lab) => lab.world.store.find('userTasks').length,
  },
  {
    id: 'receive',
    name: 'receive task',
    element: 'receiveTask',
    draw: (draft, id, { attributes = '', extensions = '', inner = '' } = {}) =>
      draft.element('receiveTask', id, {
        attributes: `messageRef="${draft.messageRoot('paid')}" ${attributes}`,
        extensions,
        inner,
      }),
    finish: (lab) => {
      const [subscription] = lab.world.store.find('subscriptions').filter(({ name }) => name === 'paid');
      const processInstanceId = subscription?.processInstanceId ?? 0;
      if (lab.draft.isCamunda7) lab.world.do({ type: 'correlateMessage', name: 'paid', processInstanceId, all: true });
      else lab.send('paid');
    },
    waits: (lab) => lab.world.store.find('subscriptions').filter(({ name }) => name === 'paid').length,
  },
  {
    id: 'call',
    name: 'call activity',
    element: 'callActivity',
    draw: (draft, id, { attributes = '', extensions = '', inner = '' } = {}) =>
      draft.element('callActivity', id, {
        attributes: draft.say(`calledElement="child" ${attributes}`, attributes),
        extensions: draft.say('', '<zeebe:calledElement processId="child" />') + extensions,
        inner,
      }),
    finish: (lab) => void lab.work('x'),
    waits: open('x'),
  },
  scope('sub-process', 'sub-process', 'subProcess'),
  scope('transaction', 'transaction', 'transaction'),
];

/** Process `p` with the content, and the process that call activities call. */
async function deploy(lab: Lab, content: string): Promise<void> {
  const { draft } = lab;
  const child = draft.start('in') + topicX(draft, 'childWork') + draft.end('out') + draft.flows('in > childWork > out');
  await lab.deployFile(draft.definitions(draft.process(content, 'p') + draft.process(child, 'child')));
}

/** One signal does not interrupt, the other does. */
function bounded(kind: Kind): Row['cells'] {
  return both(async (lab) => {
    const { draft } = lab;
    await deploy(
      lab,
      draft.start() +
        kind.draw(draft, 't') +
        draft.end() +
        draft.boundary('noted', 't', draft.signal('note'), false) +
        draft.end('noteEnd') +
        draft.boundary('stopped', 't', draft.signal('stop')) +
        draft.end('stopEnd') +
        draft.flows('start > t > end; noted > noteEnd; stopped > stopEnd'),
    );
    lab.start();
    lab.broadcast('note');
    assert.deepEqual([lab.times('noteEnd'), kind.waits(lab)], [1, 1]);
    lab.broadcast('stop');
    assert.deepEqual([kind.waits(lab), lab.trace.at(-1)], [0, 'stopEnd']);
    assert.equal(lab.state, 'completed');
    lab.start();
    kind.finish(lab);
    assert.equal(lab.trace.at(-1), 'end');
  });
}

/** Two at once, then two one after the other. */
function multiplied(kind: Kind): Row['cells'] {
  return both(async (lab) => {
    const { draft } = lab;
    for (const sequential of [false, true]) {
      const loop = draft.say(
        `<bpmn:multiInstanceLoopCharacteristics isSequential="${sequential}" camunda:collection="items" />`,
        `<bpmn:multiInstanceLoopCharacteristics isSequential="${sequential}"><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=items" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>`,
      );
      await deploy(
        lab,
        draft.start() + kind.draw(draft, 't', { inner: loop }) + draft.end() + draft.flows('start > t > end'),
      );
      lab.start({ items: [1, 2] });
      assert.equal(kind.waits(lab), sequential ? 1 : 2);
      while (kind.waits(lab) > 0) kind.finish(lab);
      assert.equal(lab.state, 'completed');
      // The two, and the loop around them.
      assert.equal(lab.trace.filter((element) => element === 't').length, 3);
    }
  });
}

function looped(kind: Kind): Row['cells'] {
  return both(async (lab) => {
    const { draft } = lab;
    const loop = '<bpmn:standardLoopCharacteristics loopMaximum="2" />';
    await deploy(
      lab,
      draft.start() + kind.draw(draft, 't', { inner: loop }) + draft.end() + draft.flows('start > t > end'),
    );
    lab.start();
    for (const _ of [1, 2]) {
      assert.equal(kind.waits(lab), 1);
      kind.finish(lab);
    }
    assert.equal(lab.state, 'completed');
  });
}

/** Completed, it is undone by a handler of its own kind. */
function undone(kind: Kind): Row['cells'] {
  return both(async (lab) => {
    const { draft } = lab;
    const handler = kind.draw(draft, 'undo_t', { attributes: 'isForCompensation="true"' });
    await deploy(
      lab,
      draft.start() +
        kind.draw(draft, 't') +
        draft.undoneBy('t', handler) +
        draft.throws('tell', draft.compensation()) +
        draft.end() +
        draft.flows('start > t > tell > end'),
    );
    lab.start();
    kind.finish(lab);
    assert.equal(kind.waits(lab), 1);
    assert.ok(lab.standing.includes('tell'));
    kind.finish(lab);
    assert.equal(lab.state, 'completed');
    assert.equal(lab.times('undo_t'), 1);
  });
}

/** `start` before the work, `end` after it. */
function heard(kind: Kind): Row['cells'] {
  return both(async (lab) => {
    const { draft } = lab;
    const told = draft.say(
      `<camunda:executionListener event="start" expression="\${execution.setVariable('begun', true)}" /><camunda:executionListener event="end" expression="\${execution.setVariable('done', true)}" />`,
      '<zeebe:executionListeners><zeebe:executionListener eventType="start" type="before" /><zeebe:executionListener eventType="end" type="after" /></zeebe:executionListeners>',
    );
    await deploy(
      lab,
      draft.start() + kind.draw(draft, 't', { extensions: told }) + draft.end() + draft.flows('start > t > end'),
    );
    lab.start();
    if (!draft.isCamunda7) {
      assert.equal(kind.waits(lab), 0);
      lab.work('before', { begun: true });
    }
    assert.equal(kind.waits(lab), 1);
    kind.finish(lab);
    if (!draft.isCamunda7) {
      assert.equal(lab.state, 'active');
      lab.work('after', { done: true });
    }
    assert.equal(lab.state, 'completed');
    assert.equal(lab.variables['done'], true);
  });
}

/** The command ends before it, and after it. */
function continued(kind: Kind): Row['cells'] {
  return camunda7(async (lab) => {
    const { draft } = lab;
    const async = 'camunda:asyncBefore="true" camunda:asyncAfter="true"';
    await deploy(
      lab,
      draft.start() + kind.draw(draft, 't', { attributes: async }) + draft.end() + draft.flows('start > t > end'),
    );
    lab.start();
    assert.equal(kind.waits(lab), 0);
    lab.advance(0);
    assert.equal(kind.waits(lab), 1);
    kind.finish(lab);
    assert.equal(lab.state, 'active');
    lab.advance(0);
    assert.equal(lab.state, 'completed');
  }, ZEEBE_HAS_NONE);
}

const ASPECTS: readonly (readonly [id: string, name: string, cells: (kind: Kind) => Row['cells']])[] = [
  ['boundary', 'boundary events, interrupting and not', bounded],
  ['multi-instance', 'multi-instance, parallel and sequential', multiplied],
  ['loop', 'standard loop', looped],
  ['compensation', 'undone, and as the handler of another', undone],
  ['listeners', 'execution listeners', heard],
  ['async', 'camunda:asyncBefore, asyncAfter', continued],
];

export const activityRows: readonly Row[] = ASPECTS.flatMap(([id, name, cells]) =>
  KINDS.map((kind) => ({
    group: 'What every activity can have',
    id: `activity.${id}.${kind.id}`,
    name: `${name}: ${kind.name}`,
    element: kind.element,
    cells: cells(kind),
  })),
);
