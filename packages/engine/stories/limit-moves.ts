/** How stories set limits, and what they look at afterwards. */
import assert from 'node:assert/strict';
import type { LimitKind } from '@procos/bpmn';
import type { CommandOf } from '../src/index.ts';
import { element, flows, work } from './drawing.ts';
import { World } from './world.ts';

export type Set = Omit<CommandOf<'setLimits'>, 'type' | 'reason'>;
export const of = (bpmnProcessId: string, version: number | null = null): Set['target'] => ({
  kind: 'definition',
  bpmnProcessId,
  tenantId: null,
  version,
});
export const one = (processInstanceId: number): Set['target'] => ({ kind: 'instance', processInstanceId });

export function set(world: World, given: Set): void {
  world.do({ type: 'setLimits', reason: 'the budget of spring', ...given });
}

export function limit(
  world: World,
  target: Set['target'],
  limits: { readonly [kind in LimitKind]?: number | null },
): void {
  set(world, { target, limits });
}

export function settle(world: World): void {
  for (let count = 0; count < 1_000; count += 1) {
    const [next] = world.store.state.timers.due(world.now, 1);
    if (next === undefined) return;
    world.do({ type: 'triggerTimer', timerId: next.id });
  }
  assert.fail('still going');
}

export function theOnly(world: World, kind: LimitKind) {
  const incidents = world.incidents();
  assert.equal(incidents.length, 1, JSON.stringify(incidents.map(({ message }) => message)));
  const [incident] = incidents;
  assert.ok(incident !== undefined);
  assert.equal(incident.kind, 'limitReached');
  assert.match(incident.message, new RegExp(`limit '${kind}'`));
  assert.match(incident.message, /by 'story': the budget of spring/);
  return incident;
}

export async function drawn(id: string, inside: string, beside = ''): Promise<World> {
  const world = new World();
  await world.draw(id, inside, beside);
  return world;
}

export const LINE = element('startEvent', 'start') + work('a') + work('b') + work('c') + flows('start a b c');
