/** Stories of decisions: business rule tasks that evaluate them in place, and evaluation from outside. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { typed, World } from './world.ts';

interface Traced {
  readonly decisionId: string;
  readonly value: unknown;
  readonly rules?: readonly { readonly id: string }[];
}

async function dinner(...fixtures: string[]): Promise<World> {
  const world = await World.with(...fixtures);
  await world.deployDecisions('dish');
  return world;
}

describe('business rule tasks', () => {
  it('evaluate a decision with what it requires, and map its result as Camunda 7 does', async () => {
    const world = await dinner('decision');
    const id = world.start('decision', { temperature: 5, guests: 11 });
    assert.equal(world.state(id), 'completed');
    const { menu, percents, now } = world.variables(id);
    assert.deepEqual([menu, percents, now], [{ dish: 'Pasta', drink: 'Water' }, [5, 10], 'winter']);
    world.assertReplayEqual();
  });

  it('give the value itself in Camunda 8', async () => {
    const world = await dinner('decision-c8');
    assert.deepEqual(world.variables(world.start('decision-c8', { guests: 3 }))['percents'], [5]);
  });

  it('leave in the history what was asked, which rules matched, and what was found', async () => {
    const world = await dinner('decision');
    const id = world.start('decision', { temperature: 20, guests: 1 });
    const [row] = world.store.find('decisionInstances');
    assert.equal(row?.processInstanceId, id);
    assert.deepEqual(row?.value, { dish: 'Salad', drink: 'Juice' });
    const trace = (row?.trace ?? []) as unknown as readonly Traced[];
    const [season, dish] = trace;

    assert.deepEqual([season?.decisionId, season?.value], ['season', 'summer']);
    assert.deepEqual(
      dish?.rules?.map((rule) => rule.id),
      ['summer'],
    );
  });

  it('say in a warning what was null because something was wrong; strict, it is an incident', async () => {
    const world = await dinner('decision', 'decision-strict');
    const id = world.start('decision', { guests: 3 });
    assert.equal(world.state(id), 'completed');
    assert.match(world.store.find('warnings')[0]?.message ?? '', /decision 'dish': "if temperature < 10/);
    world.start('decision-strict', { guests: 3 });
    assert.deepEqual(
      world.incidents().map(({ kind, elementId }) => [kind, elementId]),
      [['decision', 'decide']],
    );
  });

  it('a decision that is not deployed is an incident, which is resolved once it is', async () => {
    const world = await World.with('decision');
    const id = world.start('decision', { temperature: 20, guests: 1 });
    const [incident] = world.incidents();
    assert.match(incident?.message ?? '', /calls decision 'dish' \(latest version\), which is not deployed/);
    await world.deployDecisions('dish');
    world.do({ type: 'resolveIncident', incidentId: incident?.id ?? 0 });
    assert.equal(world.state(id), 'completed');
  });
});

it('a decision is evaluated from outside, by its newest version', async () => {
  const world = await dinner();
  await world.deployDecisions('dish');
  const variables = typed({ temperature: 5, guests: 3 });
  const reply = world.do({ type: 'evaluateDecision', decision: { decisionId: 'dish' }, variables });
  assert.deepEqual(reply.ruleResults, [{ dish: 'Spareribs', drink: 'Beer' }]);
  assert.equal(world.store.find('decisions').find(({ id }) => id === reply.decisionDefinitionId)?.version, 2);
  const unknown = world.try({ type: 'evaluateDecision', decision: { decisionId: 'none' }, variables: {} });
  assert.ok(!unknown.ok);
  assert.equal(unknown.rejection.code, 'NOT_FOUND');
});
