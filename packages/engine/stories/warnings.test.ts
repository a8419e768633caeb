/** What FEEL gives null for because something is wrong is in the history of the instance, so much of it at most. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { element, flow, flows } from './drawing.ts';
import { World } from './world.ts';

const ZEEBE = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"';
const mapping = (source: string, target: string): string =>
  `<bpmn:extensionElements><zeebe:ioMapping ${ZEEBE}><zeebe:input source="${source}" target="${target}" /></zeebe:ioMapping></bpmn:extensionElements>`;

function warnings(world: World): readonly string[] {
  return world.store.find('warnings').map(({ elementId, message }) => `${elementId}: ${message}`);
}

describe('warnings', () => {
  test('a mapping and a condition that find nothing are noted, each with its element and its text', async () => {
    const world = new World();
    await world.draw(
      'p',
      element('startEvent', 'start') +
        element('task', 'task', mapping('=customer.name', 'name')) +
        element('exclusiveGateway', 'choice', '', 'default="choice_no"') +
        element('endEvent', 'yes') +
        element('endEvent', 'no') +
        flows('start task choice no') +
        flow('choice', 'yes', '=amount &gt; 100 and vip'),
    );
    const pid = world.start('p', { customer: 1, vip: false });
    assert.equal(world.state(pid), 'completed');
    const [first, second, third, ...more] = warnings(world);
    assert.match(first ?? '', /^task: "customer\.name": a number has no 'name'/);
    assert.match(second ?? '', /^choice: "amount > 100 and vip": there is no variable 'amount'/);
    assert.match(third ?? '', /^choice: "amount > 100 and vip": a null has no order with a number/);
    assert.deepEqual(more, []);
    world.assertReplayEqual();
  });

  test('what may be missing without harm is not noted', async () => {
    const world = new World();
    await world.draw(
      'p',
      element('startEvent', 'start') +
        element('task', 'task', mapping('=if is defined(amount) then amount else 0', 'amount')) +
        flows('start task end') +
        element('endEvent', 'end'),
    );
    world.start('p');
    assert.deepEqual(warnings(world), []);
  });

  test('the same warning is noted once in a command', async () => {
    const world = new World();
    await world.draw(
      'p',
      element('startEvent', 'start') +
        element('task', 'task', mapping('=[missing, missing, other]', 'list')) +
        element('endEvent', 'end') +
        flows('start task end'),
    );
    world.start('p');
    assert.equal(warnings(world).length, 2);
  });

  test('a command that is refused notes nothing', async () => {
    const world = new World();
    await world.draw(
      'p',
      element('startEvent', 'start') +
        element('receiveTask', 'wait', '', 'messageRef="Paid"') +
        element('endEvent', 'end') +
        flows('start wait end'),
      `<bpmn:message id="Paid" name="paid"><bpmn:extensionElements><zeebe:subscription ${ZEEBE} correlationKey="=order" /></bpmn:extensionElements></bpmn:message>`,
    );
    const processInstanceId = world.start('p', { order: 7 });
    world.do({
      type: 'setVariables',
      processInstanceId,
      scopeId: processInstanceId,
      variables: {},
      remove: ['order'],
      local: true,
    });
    const refused = world.try({
      type: 'migrateProcessInstance',
      processInstanceId,
      targetDefinitionId: world.store.state.definitions.latest('p', null)?.id ?? 0,
      instructions: [{ source: 'wait', target: 'wait', updateEventTrigger: true }],
    });
    assert.match(refused.ok ? '' : refused.rejection.message, /correlation key of 'wait' is null/);
    assert.deepEqual(warnings(world), []);
    world.assertReplayEqual();
  });

  test('a loop that warns at each turn does not fill the log: the first 200 warnings are kept, and a word that there are more', async () => {
    const world = new World();
    const many = Array.from({ length: 300 }, (_, index) => index);
    const loop = `<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics ${ZEEBE} inputCollection="=many" inputElement="one" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>`;
    await world.draw(
      'p',
      element('startEvent', 'start') +
        element('task', 'task', mapping('=missing', 'x') + loop) +
        element('endEvent', 'end') +
        flows('start task end'),
    );
    const pid = world.start('p', { many });
    assert.equal(world.state(pid), 'completed');
    const all = warnings(world);
    assert.equal(all.length, 201);
    assert.match(all.at(-1) ?? '', /only the first 200 warnings of a process instance are kept/);
  });

  test('a condition that an event waits for may name what is not there yet', async () => {
    const world = new World();
    await world.draw(
      'p',
      element('startEvent', 'start') +
        element(
          'intermediateCatchEvent',
          'wait',
          `<bpmn:conditionalEventDefinition><bpmn:condition xsi:type="bpmn:tFormalExpression">=amount &gt; 100</bpmn:condition></bpmn:conditionalEventDefinition>${mapping('=1', 'one')}`,
        ) +
        element('endEvent', 'end') +
        flows('start wait end'),
    );
    const pid = world.start('p');
    assert.deepEqual([world.standing(pid), warnings(world)], [['wait'], []]);
  });
});
