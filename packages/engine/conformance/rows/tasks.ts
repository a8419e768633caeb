/** Tasks of every kind and what does their work. */
import assert from 'node:assert/strict';
import type { Lab } from '../lab.ts';
import { both, camunda7, camunda8, none, type Row, refused, runs, table } from '../row.ts';

/** `start`, one task `t` as written, `end`. */
async function single(lab: Lab, task: string): Promise<void> {
  const { draft } = lab;
  await lab.deploy(draft.start() + task + draft.end() + draft.flows('start > t > end'));
}

function passesThrough(tag: string): Row['cells'] {
  return both(async (lab) => {
    await single(lab, lab.draft.element(tag, 't'));
    lab.start();
    assert.deepEqual(lab.trace, ['start', 't', 'end']);
  });
}

/** Waits for a worker, who gets the variables and whose result the process keeps. */
function byWorker(tag: string): Row['cells'] {
  return both(async (lab) => {
    await single(lab, lab.draft.work('t', {}, tag));
    lab.start({ amount: 3 });
    assert.deepEqual(lab.standing, ['t']);
    assert.equal(lab.work('t', { done: true }).variables['amount']?.value, 3);
    assert.equal(lab.state, 'completed');
    assert.equal(lab.variables['done'], true);
  });
}

function withoutImplementation(tag: string): Row['cells'] {
  const cell = refused('it does not say whose work it is', (lab) =>
    lab.refuses(
      'missing-topic',
      /has no implementation/,
      lab.draft.start() + lab.draft.element(tag, 't') + lab.draft.end() + lab.draft.flows('start > t > end'),
    ),
  );
  return { camunda7: cell, camunda8: cell };
}

const DECIDING = (lab: Lab, binding = ''): string =>
  lab.draft.element('businessRuleTask', 't', {
    attributes: lab.draft.say(
      `camunda:decisionRef="discounts" camunda:mapDecisionResult="collectEntries" camunda:resultVariable="percents" ${binding}`,
      '',
    ),
    extensions: lab.draft.say('', '<zeebe:calledDecision decisionId="discounts" resultVariable="percents" />'),
  });

const tasks = table('Tasks', 'task', [
  ['task.undefined', 'undefined task', passesThrough('task')],
  ['task.manual', 'manual task', passesThrough('manualTask'), 'manualTask'],
  ['task.service', 'service task', byWorker('serviceTask'), 'serviceTask'],
  ['task.send', 'send task', byWorker('sendTask'), 'sendTask'],
  [
    'task.send.message',
    'send task without an implementation: its message is delivered inside',
    both(async (lab) => {
      const { draft } = lab;
      await single(lab, draft.element('sendTask', 't', { attributes: `messageRef="${draft.messageRoot('paid')}"` }));
      await lab.deploy(
        draft.start() + draft.catches('wait', draft.message('paid')) + draft.end() + draft.flows('start > wait > end'),
        'q',
      );
      const waiting = lab.start({}, 'q');
      lab.start();
      assert.equal(lab.state, 'completed');
      assert.equal(lab.world.state(waiting), 'completed');
    }),
    'sendTask',
  ],
  ['task.business-rule', 'business rule task, by a worker', byWorker('businessRuleTask'), 'businessRuleTask'],
  [
    'task.decision',
    'business rule task with a called decision (DMN)',
    both(async (lab) => {
      await single(lab, DECIDING(lab));
      await lab.world.deployDecisions('dish');
      lab.start({ guests: 11 });
      assert.deepEqual(lab.variables['percents'], [5, 10]);
      assert.equal(lab.world.store.find('decisionInstances').length, 1);
    }),
    'decisionTask',
  ],
  [
    'task.script',
    'script task in JavaScript, Python or shell, in the sandbox',
    camunda7(async (lab) => {
      for (const format of ['javascript', 'python', 'shell']) {
        await single(
          lab,
          `<bpmn:scriptTask id="t" scriptFormat="${format}" camunda:resultVariable="sum"><bpmn:script>a + b</bpmn:script></bpmn:scriptTask>`,
        );
        lab.start({ a: 1, b: 2 });
        const { headers } = lab.work('procos.script', {}, { result: 3 });
        assert.deepEqual(headers, { script_format: format, script_source: 'a + b' });
        assert.equal(lab.variables['sum'], 3);
      }
      // The worker calls it so, too.
      await single(
        lab,
        '<bpmn:scriptTask id="t" scriptFormat="javascript" camunda:resultVariable="result"><bpmn:script>a + b</bpmn:script></bpmn:scriptTask>',
      );
      lab.start({ a: 1, b: 2 });
      lab.work('procos.script', {}, { result: 3 });
      assert.equal(lab.variables['result'], 3);
    }, 'its script tasks are FEEL or the work of a worker'),
    'scriptTask',
  ],
  [
    'task.script.expression',
    'script task in FEEL (Camunda 7 also JUEL), evaluated in place',
    both(async (lab) => {
      const { draft } = lab;
      const written = draft.say(
        '<bpmn:scriptTask id="t" scriptFormat="feel" camunda:resultVariable="sum"><bpmn:script>a + b</bpmn:script></bpmn:scriptTask>',
        draft.element('scriptTask', 't', { extensions: '<zeebe:script expression="=a + b" resultVariable="sum" />' }),
      );
      await single(lab, written);
      lab.start({ a: 1, b: 2 });
      assert.equal(lab.variables['sum'], 3);
      if (!draft.isCamunda7) return;
      await single(lab, written.replace('"feel"', '"juel"'));
      lab.start({ a: 2, b: 2 });
      assert.equal(lab.variables['sum'], 4);
    }),
    'expressionTask',
  ],
  [
    'task.script.worker',
    'script task by a worker (zeebe:taskDefinition)',
    camunda8(async (lab) => {
      await single(lab, lab.draft.work('t', {}, 'scriptTask'));
      lab.start();
      lab.work('t', { done: true });
      assert.equal(lab.variables['done'], true);
    }),
    'serviceTask',
  ],
  [
    'task.script.other',
    'script task in another language',
    {
      camunda7: refused('only languages that the sandbox runs', (lab) =>
        lab.refuses(
          'script',
          /groovy, which cannot run here/,
          lab.draft.start() +
            '<bpmn:scriptTask id="t" scriptFormat="groovy"><bpmn:script>1</bpmn:script></bpmn:scriptTask>' +
            lab.draft.end() +
            lab.draft.flows('start > t > end'),
        ),
      ),
      camunda8: none('its script tasks are FEEL or the work of a worker'),
    },
    'scriptTask',
  ],
  [
    'task.user',
    'user task',
    both(async (lab) => {
      await single(lab, lab.draft.element('userTask', 't', { extensions: lab.draft.say('', '<zeebe:userTask />') }));
      lab.start();
      assert.equal(lab.userTask.elementId, 't');
      lab.completeUserTask({ approved: true });
      assert.equal(lab.variables['approved'], true);
      assert.equal(lab.state, 'completed');
    }),
    'userTask',
  ],
  [
    'task.receive',
    'receive task',
    both(async (lab) => {
      const { draft } = lab;
      await single(lab, draft.element('receiveTask', 't', { attributes: `messageRef="${draft.messageRoot('paid')}"` }));
      lab.start();
      assert.deepEqual(lab.standing, ['t']);
      lab.send('paid', { amount: 3 });
      assert.equal(lab.state, 'completed');
      assert.equal(lab.variables['amount'], 3);
    }),
    'receiveTask',
  ],
  [
    'task.receive.instantiate',
    'receive task that starts instances',
    both(async (lab) => {
      const { draft } = lab;
      const receive = draft.element('receiveTask', 't', {
        attributes: `messageRef="${draft.messageRoot('paid')}" instantiate="true"`,
      });
      await lab.deploy(receive + draft.work('a') + draft.end() + draft.flows('t > a > end'));
      lab.send('paid', { amount: 3 }, '');
      assert.equal(lab.work('a').variables['amount']?.value, 3);
      lab.send('paid', {}, '');
      assert.equal(lab.instances, 2);
    }),
    'receiveTask',
  ],
  ['task.service.none', 'service task without an implementation', withoutImplementation('serviceTask'), 'serviceTask'],
]);

/** A called global task: a process of that one task. */
function global(
  id: string,
  name: string,
  xml: string,
  act: (lab: Lab) => void,
  element: Row['element'],
): readonly [string, string, Row['cells'], Row['element']] {
  return [
    id,
    name,
    both(async (lab) => {
      const { draft } = lab;
      const call = draft.element('callActivity', 't', {
        attributes: draft.say('calledElement="g"', ''),
        extensions: draft.say('<camunda:out variables="all" />', '<zeebe:calledElement processId="g" />'),
      });
      await lab.deployFile(
        draft.definitions(
          draft.process(draft.start() + call + draft.end() + draft.flows('start > t > end'), 'p') + xml,
        ),
      );
      lab.start({ a: 2 });
      act(lab);
      assert.equal(lab.state, 'completed');
      assert.equal(lab.instances, 2);
    }),
    element,
  ];
}

const globals = table('Global tasks', 'callActivity', [
  global('global.task', 'global task', '<bpmn:globalTask id="g" />', () => undefined, 'task'),
  global('global.manual', 'global manual task', '<bpmn:globalManualTask id="g" />', () => undefined, 'manualTask'),
  global(
    'global.user',
    'global user task',
    '<bpmn:globalUserTask id="g" name="Check it" />',
    (lab) => lab.completeUserTask(),
    'userTask',
  ),
  global(
    'global.script',
    'global script task',
    '<bpmn:globalScriptTask id="g" scriptLanguage="javascript"><bpmn:script>2 * a</bpmn:script></bpmn:globalScriptTask>',
    (lab) => assert.equal(lab.work('procos.script', {}, { result: 4 }).headers['script_source'], '2 * a'),
    'scriptTask',
  ),
  [
    'global.business-rule',
    'global business rule task',
    {
      camunda7: runs(async (lab) => {
        const { draft } = lab;
        const call = draft.element('callActivity', 't', { attributes: 'calledElement="g"' });
        const rule = '<bpmn:globalBusinessRuleTask id="g" camunda:type="external" camunda:topic="rule" />';
        await lab.deployFile(
          draft.definitions(
            draft.process(draft.start() + call + draft.end() + draft.flows('start > t > end'), 'p') + rule,
          ),
        );
        lab.start();
        lab.work('rule');
        assert.equal(lab.state, 'completed');
      }),
      camunda8: runs(async (lab) => {
        const { draft } = lab;
        const call = draft.element('callActivity', 't', { extensions: '<zeebe:calledElement processId="g" />' });
        const rule =
          '<bpmn:globalBusinessRuleTask id="g"><bpmn:extensionElements><zeebe:taskDefinition type="rule" /></bpmn:extensionElements></bpmn:globalBusinessRuleTask>';
        await lab.deployFile(
          draft.definitions(
            draft.process(draft.start() + call + draft.end() + draft.flows('start > t > end'), 'p') + rule,
          ),
        );
        lab.start();
        lab.work('rule');
        assert.equal(lab.state, 'completed');
      }),
    },
    'businessRuleTask',
  ],
]);

export const taskRows: readonly Row[] = [...tasks, ...globals];
