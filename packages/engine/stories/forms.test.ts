/** Stories of what is submitted by generated forms: brought into the types of the fields, or refused. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { element, flows } from './drawing.ts';
import { type Plain, typed, World } from './world.ts';

const FIELDS = `<bpmn:extensionElements><camunda:formData>
<camunda:formField id="count" type="long" defaultValue="\${base + 1}" />
<camunda:formField id="sure" type="boolean" />
<camunda:formField id="day" type="date" />
<camunda:formField id="size" type="enum"><camunda:value id="s" name="Small" /><camunda:value id="l" name="Large" /></camunda:formField>
<camunda:formField id="name" type="string" defaultValue="nobody"><camunda:validation><camunda:constraint name="required" /></camunda:validation></camunda:formField>
<camunda:formField id="other" type="custom" />
</camunda:formData></bpmn:extensionElements>`;

describe('a generated form', () => {
  async function waiting() {
    const world = new World();
    await world.draw('p', element('startEvent', 'start') + element('userTask', 't', FIELDS) + flows('start t'));
    const id = world.start('p', { base: 1 });
    const submit = (values: Plain, form = true) =>
      world.try({
        type: 'completeUserTask',
        userTaskId: world.store.find('userTasks')[0]?.id ?? 0,
        variables: typed(values),
        form,
      });
    const valuesOf = (...names: readonly string[]) =>
      names.map((name) => {
        const row = world.store.find('variables').find((one) => one.name === name);
        return [row?.type, row?.value];
      });
    return { world, id, submit, valuesOf };
  }

  it('brings text into the types of its fields, and what belongs to no field is taken as it is', async () => {
    const { world, submit, valuesOf } = await waiting();
    const values = { count: ' 12 ', sure: 'TRUE', day: '24/12/2026', size: 'l', name: 5, other: [1], more: 1.5 };
    const outcome = submit(values);
    assert.ok(outcome.ok, outcome.ok ? '' : outcome.rejection.message);
    assert.deepEqual(valuesOf('count', 'sure', 'day', 'size', 'name', 'other', 'more'), [
      ['Long', 12],
      ['Boolean', true],
      ['Date', '2026-12-24T00:00:00.000+00:00'],
      ['String', 'l'],
      ['String', '5'],
      ['Json', [1]],
      ['Double', 1.5],
    ]);
    assert.equal(outcome.value.variables['count']?.value, 12);
    world.assertReplayEqual();
  });

  it('fills in default values of fields that are not submitted; one that must be given needs a value or a variable', async () => {
    const { world, id, submit, valuesOf } = await waiting();
    assert.ok(!submit({ name: '' }).ok);
    const none = submit({});
    assert.match(none.ok ? '' : none.rejection.message, /'name': validation of required failed/);
    world.do({
      type: 'setVariables',
      processInstanceId: id,
      scopeId: id,
      variables: typed({ name: 'ada' }),
      local: false,
    });
    assert.ok(submit({}).ok);
    assert.deepEqual(valuesOf('count', 'sure', 'name'), [
      ['Long', 2],
      [undefined, undefined],
      ['String', 'nobody'],
    ]);
  });

  it('is refused with all reasons at once, and nothing has happened', async () => {
    const { world, id, submit } = await waiting();
    const refused = submit({ count: 'many', sure: 3, day: 'soon', size: 'xl', name: 'ada' });
    assert.ok(!refused.ok);
    assert.equal(refused.rejection.code, 'INVALID_ARGUMENT');
    for (const reason of [
      /'count': value "many" is not of type Long/,
      /'sure': value 3 is not of type Boolean/,
      /'day': value "soon" is no date/,
      /'size': "xl" is none of 's', 'l'/,
    ])
      assert.match(refused.rejection.message, reason);
    assert.deepEqual(world.standing(id), ['t']);
    assert.deepEqual(world.variables(id), { base: 1 });
  });

  it('a task that is completed without its form is not checked', async () => {
    const { world, id, submit } = await waiting();
    assert.ok(submit({ count: 'many' }, false).ok);
    assert.equal(world.variables(id)['count'], 'many');
  });

  it('of a start event is checked when it is submitted', async () => {
    const world = new World();
    await world.draw(
      'p',
      element('startEvent', 'start', FIELDS.replace('base + 1', '1 + 1')) + element('userTask', 't') + flows('start t'),
    );
    const start = (values: Plain) =>
      world.try({
        type: 'createProcessInstance',
        definition: { bpmnProcessId: 'p' },
        variables: typed(values),
        form: true,
      });
    const refused = start({ size: 'xl' });
    assert.match(
      refused.ok ? '' : refused.rejection.message,
      /"xl" is none of .*'name': validation of required failed/,
    );
    const started = start({ name: 'ada' });
    assert.ok(started.ok);
    assert.deepEqual(world.variables(started.value.processInstanceId), { name: 'ada', count: 2 });
    world.assertReplayEqual();
  });
});
