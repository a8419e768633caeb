/** Events and gateways of every kind, with what they share with activities: listeners and continuations. */
import assert from 'node:assert/strict';
import type { ElementType } from '@procos/bpmn';
import type { Draft } from '../draft.ts';
import type { Lab } from '../lab.ts';
import { both, camunda7, type Row, ZEEBE_HAS_NONE } from '../row.ts';

interface Kind {
  readonly id: string;
  readonly name: string;
  readonly element: ElementType;
  readonly inner?: (draft: Draft) => string;
  /** It waits, until this happens. */
  readonly happen?: (lab: Lab) => void;
}

const KINDS: readonly Kind[] = [
  { id: 'start', name: 'start event', element: 'startEvent' },
  {
    id: 'catch',
    name: 'intermediate catch event',
    element: 'intermediateCatchEvent',
    inner: (draft) => draft.signal('stop'),
    happen: (lab) => lab.broadcast('stop'),
  },
  { id: 'throw', name: 'intermediate throw event', element: 'intermediateThrowEvent' },
  { id: 'end', name: 'end event', element: 'endEvent' },
  { id: 'exclusive', name: 'exclusive gateway', element: 'exclusiveGateway' },
  { id: 'inclusive', name: 'inclusive gateway', element: 'inclusiveGateway' },
  { id: 'parallel', name: 'parallel gateway', element: 'parallelGateway' },
  { id: 'complex', name: 'complex gateway', element: 'complexGateway' },
];

/** `start` (or the event itself), the node `t`, the work `a` (or the event itself as the end). */
async function through(lab: Lab, kind: Kind, attributes: string, extensions = ''): Promise<void> {
  const { draft } = lab;
  const node = draft.element(kind.element, 't', { attributes, extensions, inner: kind.inner?.(draft) ?? '' });
  const before = kind.id === 'start' ? '' : draft.start();
  const after = kind.id === 'end' ? '' : draft.work('a') + draft.end();
  const flows = `${kind.id === 'start' ? '' : 'start > '}t${kind.id === 'end' ? '' : ' > a > end'}`;
  await lab.deploy(before + node + after + draft.flows(flows));
  lab.start();
}

function hasPassed(lab: Lab, kind: Kind): boolean {
  return kind.id === 'end' ? lab.state === 'completed' : lab.open.includes('a');
}

function continuedBefore(kind: Kind): Row['cells'] {
  return camunda7(async (lab) => {
    await through(lab, kind, 'camunda:asyncBefore="true"');
    assert.deepEqual([lab.standing, lab.world.store.find('subscriptions')], [['t'], []]);
    lab.advance(0);
    kind.happen?.(lab);
    assert.ok(hasPassed(lab, kind));
  }, ZEEBE_HAS_NONE);
}

function continuedAfter(kind: Kind): Row['cells'] {
  return camunda7(async (lab) => {
    await through(lab, kind, 'camunda:asyncAfter="true"');
    kind.happen?.(lab);
    assert.ok(!hasPassed(lab, kind));
    assert.deepEqual(lab.standing, ['t']);
    lab.advance(0);
    assert.ok(hasPassed(lab, kind));
  }, ZEEBE_HAS_NONE);
}

function heard(kind: Kind): Row['cells'] {
  return both(async (lab) => {
    const { draft } = lab;
    const told = draft.say(
      `<camunda:executionListener event="start" expression="\${execution.setVariable('begun', true)}" /><camunda:executionListener event="end" expression="\${execution.setVariable('done', true)}" />`,
      '<zeebe:executionListeners><zeebe:executionListener eventType="start" type="before" /><zeebe:executionListener eventType="end" type="after" /></zeebe:executionListeners>',
    );
    await through(lab, kind, '', told);
    if (!draft.isCamunda7) lab.work('before', { begun: true });
    kind.happen?.(lab);
    if (!draft.isCamunda7) {
      assert.ok(!hasPassed(lab, kind));
      lab.work('after', { done: true });
    }
    assert.ok(hasPassed(lab, kind));
    assert.deepEqual(lab.variables, { begun: true, done: true });
  });
}

const ASPECTS: readonly (readonly [id: string, name: string, cells: (kind: Kind) => Row['cells']])[] = [
  ['listeners', 'execution listeners, start and end', heard],
  ['async-before', 'camunda:asyncBefore', continuedBefore],
  ['async-after', 'camunda:asyncAfter', continuedAfter],
];

export const nodeRows: readonly Row[] = ASPECTS.flatMap(([id, name, cells]) =>
  KINDS.map((kind) => ({
    group: 'What every event and gateway can have',
    id: `node.${id}.${kind.id}`,
    name: `${name}: ${kind.name}`,
    element: kind.element,
    cells: cells(kind),
  })),
);
