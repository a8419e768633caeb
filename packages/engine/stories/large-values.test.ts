/** Stories of values that are too large: refused at the door, an incident where the model makes them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '@procos/bpmn';
import { DEFAULT_LIMITS } from '../src/index.ts';
import { element, flows, work } from './drawing.ts';
import { typed, World } from './world.ts';

const LIMITS = { ...DEFAULT_LIMITS, variableSize: 100_000, instanceSize: 250_000 };

async function world(inside: string): Promise<World> {
  const made = new World();
  made.limits = LIMITS;
  await made.draw('p', element('startEvent', 'start') + inside);
  return made;
}

function nested(depth: number): Json {
  let value: Json = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

describe('a value from outside', () => {
  it('that is too long or too deep is refused, and nothing has changed', async () => {
    const made = await world(work('do') + flows('start do'));
    const start = (value: Json) =>
      made.try({ type: 'createProcessInstance', definition: { bpmnProcessId: 'p' }, variables: typed({ value }) });
    for (const [value, reason] of [
      ['x'.repeat(100_001), /variable 'value' has 100003 characters as JSON, at most 100000/],
      [nested(65), /variable 'value' is nested 65 deep, at most 64/],
    ] as const) {
      const outcome = start(value);
      assert.ok(!outcome.ok);
      assert.equal(outcome.rejection.code, 'INVALID_ARGUMENT');
      assert.match(outcome.rejection.message, reason);
    }
    assert.deepEqual(made.instanceIds(), []);
    assert.ok(start(nested(64)).ok);
  });

  it('of a worker leaves its task as it was', async () => {
    const made = await world(work('do') + flows('start do'));
    const id = made.start('p');
    const { task } = made.fetch('do');
    const complete = (length: number) =>
      made.try({
        type: 'completeExternalTask',
        externalTaskId: task.id,
        workerId: 'w',
        variables: typed({ text: 'x'.repeat(length) }),
      });
    assert.ok(!complete(200_000).ok);
    assert.deepEqual(made.standing(id), ['do']);
    assert.ok(complete(10).ok);
  });

  it('that is one too many for the instance is refused', async () => {
    const made = await world(work('do') + flows('start do'));
    const id = made.start('p', { a: 'x'.repeat(90_000), b: 'x'.repeat(90_000) });
    const outcome = made.try({
      type: 'setVariables',
      processInstanceId: id,
      scopeId: id,
      variables: typed({ c: 'x'.repeat(90_000) }),
      local: true,
    });
    assert.match(outcome.ok ? '' : outcome.rejection.message, /all variables of a process instance together/);
  });
});

describe('a value that the model makes', () => {
  it('is an incident where it was made, and the step is done again when it is smaller', async () => {
    const double = element(
      'serviceTask',
      'double',
      '',
      'camunda:expression="${text.concat(text)}" camunda:resultVariable="text"',
    );
    const made = await world(double + work('after') + flows('start double after'));
    const id = made.start('p', { text: 'x'.repeat(60_000) });
    const [incident] = made.incidents();
    assert.match(incident?.message ?? '', /'double'.*120002 characters as JSON, at most 100000/);
    made.do({
      type: 'setVariables',
      processInstanceId: id,
      scopeId: id,
      variables: typed({ text: 'x' }),
      local: true,
    });
    made.do({ type: 'resolveIncident', incidentId: incident?.id ?? 0 });
    assert.deepEqual(made.standing(id), ['after']);
    assert.equal(made.variables(id)['text'], 'xx');
  });

  it('stops an instance that fills itself up, in one incident', async () => {
    const copies = Array.from({ length: 6 }, (_, index) => `c${index}`);
    const made = await world(
      copies
        .map((name) =>
          element('serviceTask', name, '', `camunda:expression="\${text}" camunda:resultVariable="${name}"`),
        )
        .join('') + flows(['start', ...copies].join(' ')),
    );
    made.start('p', { text: 'x'.repeat(60_000) });
    const incidents = made.incidents();
    assert.equal(incidents.length, 1);
    assert.match(incidents[0]?.message ?? '', /together have more than 250000 characters/);
    made.limits = DEFAULT_LIMITS;
    made.do({ type: 'resolveIncident', incidentId: incidents[0]?.id ?? 0 });
    assert.deepEqual(made.incidents(), []);
    made.assertReplayEqual();
  });
});

describe('one answer with tasks', () => {
  const fetchFrom = (made: World, maxTasks: number) =>
    made.do({
      type: 'fetchAndLock',
      workerId: 'w',
      maxTasks,
      usePriority: false,
      topics: [{ topic: 'do', lockMs: 60_000 }],
    });

  it('ends where their variables are 16 million characters, and says that there may be more', async () => {
    const made = new World();
    await made.draw('p', element('startEvent', 'start') + work('do') + flows('start do'));
    const text = 'x'.repeat(1_000_000);
    for (let at = 0; at < 5; at += 1)
      made.start('p', Object.fromEntries(Array.from({ length: 7 }, (_, n) => [`v${n}`, text])));
    const first = fetchFrom(made, 10);
    assert.deepEqual([first.tasks.length, first.more], [3, true]);
    const second = fetchFrom(made, 10);
    assert.deepEqual([second.tasks.length, second.more], [2, undefined]);
  });
});
