/** Camunda 7: user tasks, forms, attributes of the process, and the functions of its expressions. */
import assert from 'node:assert/strict';
import { type Plain, typed } from '../../stories/world.ts';
import type { Lab } from '../lab.ts';
import { camunda7, camunda7Cell, noEffect, type Row, refused, table } from '../row.ts';

async function userTask(lab: Lab, attributes: string, extensions = ''): Promise<void> {
  const { draft } = lab;
  await lab.deploy(
    draft.start() +
      draft.element('userTask', 't', { attributes, extensions }) +
      draft.end() +
      draft.flows('start > t > end'),
  );
}

/** Constraints as `name` or `name:config`. */
function field(id: string, type: string, ...constraints: readonly string[]): string {
  const written = constraints.map((one) => one.split(':'));
  const inside = written.map(
    ([name = '', config]) =>
      `<camunda:constraint name="${name}" ${config === undefined ? '' : `config="${config}"`} />`,
  );
  return `<camunda:formField id="${id}" type="${type}"><camunda:validation>${inside.join('')}</camunda:validation></camunda:formField>`;
}

const people = table('Camunda 7: user tasks and forms', 'userTask', [
  [
    'c7.assignee',
    'camunda:assignee, candidateUsers, candidateGroups',
    camunda7(async (lab) => {
      await userTask(
        lab,
        'camunda:assignee="${boss}" camunda:candidateUsers="bob, eve" camunda:candidateGroups="${groups}"',
      );
      lab.start({ boss: 'ada', groups: ['a', 'b'] });
      const { assignee, candidateUsers, candidateGroups } = lab.userTask;
      assert.deepEqual([assignee, candidateUsers, candidateGroups], ['ada', ['bob', 'eve'], ['a', 'b']]);
    }),
  ],
  [
    'c7.dates',
    'camunda:dueDate, followUpDate, priority',
    camunda7(async (lab) => {
      await userTask(
        lab,
        'camunda:dueDate="${dateTime().plusDays(2).toDate()}" camunda:followUpDate="2026-01-02T00:00:00" camunda:priority="${p}"',
      );
      lab.start({ p: 70 });
      const { dueAt, followUpAt, priority } = lab.userTask;
      assert.deepEqual([dueAt, followUpAt, priority], [Date.UTC(2026, 0, 3), Date.UTC(2026, 0, 2), 70]);
    }),
  ],
  [
    'c7.form-key',
    'camunda:formKey, camunda:formRef',
    camunda7(async (lab) => {
      await userTask(lab, 'camunda:formKey="embedded:app:${which}.html"');
      lab.start({ which: 'ask' });
      assert.equal(lab.userTask.formKey, 'embedded:app:ask.html');
      lab.completeUserTask();
      await userTask(lab, 'camunda:formRef="ask" camunda:formRefBinding="latest"');
      lab.start();
      assert.equal(lab.userTask.formId, 'ask');
    }),
  ],
  [
    'c7.form-binding',
    'camunda:formRefBinding="deployment", "version", also as expressions',
    camunda7(async (lab) => {
      await userTask(lab, 'camunda:formRef="${f}" camunda:formRefBinding="version" camunda:formRefVersion="${n}"');
      lab.start({ f: 'ask', n: 2 });
      assert.deepEqual([lab.userTask.formId, lab.userTask.formBinding], ['ask', { kind: 'version', version: '2' }]);
      lab.completeUserTask();
      await userTask(lab, 'camunda:formRef="ask" camunda:formRefBinding="deployment"');
      lab.start();
      assert.deepEqual(lab.userTask.formBinding, { kind: 'deployment', version: null });
    }),
  ],
  [
    'c7.form-data',
    'camunda:formData: generated forms, of tasks and start events',
    camunda7(async (lab) => {
      const { draft } = lab;
      const form =
        '<camunda:formData><camunda:formField id="amount" label="Amount" type="long" defaultValue="3" /></camunda:formData>';
      await lab.deploy(
        draft.element('startEvent', 'start', { extensions: form }) +
          draft.element('userTask', 't', { extensions: form }) +
          draft.end() +
          draft.flows('start > t > end'),
      );
      lab.start();
      const model = lab.world.store.state.definitions.latest('p', null)?.model;
      const [start, task] = [model?.elements['start'], model?.elements['t']];
      const written = { language: 'literal', text: '3' };
      const field = { id: 'amount', label: 'Amount', type: 'long', defaultValue: '3', default: written };
      assert.deepEqual(start?.type === 'startEvent' ? start.form?.formFields : [], [field]);
      assert.deepEqual(task?.type === 'userTask' ? task.user.formFields : [], [field]);
    }),
  ],
  [
    'c7.form-validation',
    'camunda:validation of form fields: required, readonly, min, max, minlength, maxlength',
    camunda7(async (lab) => {
      await userTask(
        lab,
        '',
        `<camunda:formData>${[
          field('amount', 'long', 'required', 'min:3', 'max:5'),
          field('note', 'string', 'minlength:2', 'maxlength:4'),
          field('fixed', 'string', 'readonly'),
        ].join('')}</camunda:formData>`,
      );
      lab.start();
      const submit = (values: Plain) =>
        lab.world.try({
          type: 'completeUserTask',
          userTaskId: lab.userTask.id,
          variables: typed(values),
          form: true,
        });
      for (const [values, reason] of [
        [{}, /'amount': validation of required failed/],
        [{ amount: 2 }, /'amount': validation of min\(3\) failed/],
        [{ amount: 6 }, /'amount': validation of max\(5\) failed/],
        [{ amount: 3, note: 'a' }, /'note': validation of minlength\(2\) failed/],
        [{ amount: 3, note: 'abcde' }, /'note': validation of maxlength\(4\) failed/],
        [{ amount: 3, fixed: 'x' }, /'fixed': validation of readonly failed/],
      ] as const) {
        const refused = submit(values);
        assert.match(refused.ok ? '' : refused.rejection.message, reason);
      }
      assert.ok(submit({ amount: 3, note: 'ab', more: true }).ok);
      assert.deepEqual(lab.variables, { amount: 3, note: 'ab', more: true });
    }),
  ],
  [
    'c7.form-validator',
    'camunda:constraint name="validator"',
    camunda7Cell(
      noEffect('there is no Java here; check what is entered in the process', async (lab) => {
        await userTask(
          lab,
          '',
          `<camunda:formData>${field('amount', 'long', 'validator:org.Check')}</camunda:formData>`,
        );
        lab.assertNoEffect(/constraint validator/);
      }),
    ),
  ],
  [
    'c7.form-property',
    'camunda:formProperty',
    camunda7Cell(
      refused('use camunda:formData', (lab) =>
        lab.refuses(
          'not-executable-here',
          /formProperty/,
          lab.draft.start() +
            lab.draft.element('userTask', 't', { extensions: '<camunda:formProperty id="amount" />' }) +
            lab.draft.end() +
            lab.draft.flows('start > t > end'),
        ),
      ),
    ),
  ],
  [
    'c7.initiator',
    'camunda:initiator',
    camunda7(async (lab) => {
      const { draft } = lab;
      await lab.deploy(draft.start('start', '', 'camunda:initiator="who"') + draft.end() + draft.flows('start > end'));
      lab.start();
      assert.deepEqual(lab.variables, { who: 'story' });
    }),
    'startEvent',
  ],
]);

const processes = table('Camunda 7: attributes of a process', 'process', [
  [
    'c7.version-tag',
    'camunda:versionTag, camunda:historyTimeToLive',
    camunda7(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() + draft.end() + draft.flows('start > end'),
        'p',
        'camunda:versionTag="v1" camunda:historyTimeToLive="P30D"',
      );
      const definition = lab.world.store.state.definitions.latest('p', null);
      assert.deepEqual([definition?.versionTag, definition?.model.historyTimeToLive], ['v1', 'P30D']);
    }),
  ],
  [
    'c7.executable',
    'isExecutable: a process that is not is left alone',
    camunda7(async (lab) => {
      const { draft } = lab;
      const shown = draft
        .process('<bpmn:complexGateway id="anything" />', 'shown')
        .replace('isExecutable="true"', 'isExecutable="false"');
      await lab.deployFile(
        draft.definitions(draft.process(draft.start() + draft.end() + draft.flows('start > end'), 'p') + shown),
      );
      assert.deepEqual(
        lab.world.store.find('definitions').map(({ bpmnProcessId }) => bpmnProcessId),
        ['p'],
      );
    }),
  ],
  [
    'c7.startable',
    'camunda:isStartableInTasklist',
    camunda7(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() + draft.end() + draft.flows('start > end'),
        'p',
        'camunda:isStartableInTasklist="false"',
      );
      assert.equal(lab.world.store.state.definitions.latest('p', null)?.model.startable, false);
    }),
  ],
  [
    'c7.candidate-starter',
    'camunda:candidateStarterUsers, candidateStarterGroups',
    camunda7Cell(
      noEffect('who may start a process is decided by policy', async (lab) => {
        const { draft } = lab;
        await lab.deploy(
          draft.start() + draft.end() + draft.flows('start > end'),
          'p',
          'camunda:candidateStarterGroups="staff"',
        );
        lab.assertNoEffect(/candidateStarterGroups/);
      }),
    ),
  ],
]);

/** The value that the expression gives in a task in place. */
async function juel(lab: Lab, expression: string, variables: Parameters<Lab['start']>[0] = {}): Promise<unknown> {
  const { draft } = lab;
  await lab.deploy(
    draft.start() +
      draft.element('serviceTask', 't', {
        attributes: `camunda:expression="${expression}" camunda:resultVariable="r"`,
      }) +
      draft.end() +
      draft.flows('start > t > end'),
  );
  lab.start(variables);
  return lab.variables['r'];
}

const expressions = table('Camunda 7: expressions', 'expressionTask', [
  [
    'juel.operators',
    'JUEL: arithmetic, comparison, logic, empty, choice, properties, indexes',
    camunda7(async (lab) => {
      assert.equal(await juel(lab, '${a * 2 + 1 > 4 &amp;&amp; not empty list}', { a: 2, list: [1] }), true);
      assert.equal(await juel(lab, '${a == 2 ? list[0] : o.x}', { a: 1, list: [1], o: { x: 'deep' } }), 'deep');
    }),
  ],
  [
    'juel.template',
    'JUEL: text around expressions',
    camunda7(async (lab) => {
      assert.equal(await juel(lab, 'order ${a} of ${b}', { a: 1, b: 'ada' }), 'order 1 of ada');
    }),
  ],
  [
    'juel.execution',
    'JUEL: execution',
    camunda7(async (lab) => {
      assert.equal(await juel(lab, '${execution.processBusinessKey}'), 'k');
      assert.equal(await juel(lab, "${execution.getVariable('a')}", { a: 5 }), 5);
      assert.equal(await juel(lab, "${execution.hasVariable('b')}"), false);
      assert.equal(await juel(lab, '${execution.currentActivityId}'), 't');
    }),
  ],
  [
    'juel.task',
    'JUEL: task, in listeners of user tasks',
    camunda7(async (lab) => {
      await userTask(
        lab,
        'name="Ask"',
        `<camunda:taskListener event="create" expression="\${execution.setVariable('seen', task.name)}" />`,
      );
      lab.start();
      assert.equal(lab.variables['seen'], 'Ask');
    }),
    'userTask',
  ],
  [
    'juel.functions',
    'JUEL: now(), dateTime()',
    camunda7(async (lab) => {
      assert.match(String(await juel(lab, '${dateTime().plusDays(1).toDate()}')), /^2026-01-02T00:00:00/);
      assert.match(String(await juel(lab, '${now()}')), /^2026-01-01T00:00:00/);
    }),
  ],
  [
    'juel.methods',
    'JUEL: methods of text, numbers, lists, maps and JSON values',
    camunda7(async (lab) => {
      assert.equal(await juel(lab, "${s.toUpperCase().concat('!')}", { s: 'a' }), 'A!');
      assert.equal(await juel(lab, '${list.size() + n.intValue()}', { list: [1, 2], n: 3.7 }), 5);
      assert.equal(await juel(lab, "${o.get('x')}", { o: { x: 1 } }), 1);
      assert.equal(await juel(lab, "${o.prop('x').numberValue()}", { o: { x: 1 } }), 1);
    }),
  ],
  [
    'juel.user-functions',
    'JUEL: currentUser(), currentUserGroups() (null: there are no groups)',
    camunda7(async (lab) => {
      assert.equal(await juel(lab, '${currentUser()}'), 'story');
      assert.equal(await juel(lab, '${currentUserGroups()}'), null);
    }),
  ],
  [
    'juel.spin',
    'JUEL: S() and JSON() of a JSON text',
    camunda7(async (lab) => {
      assert.equal(await juel(lab, "${JSON(text).prop('x').numberValue()}", { text: '{"x": 1}' }), 1);
      assert.equal(await juel(lab, "${S(text).prop('x').stringValue()}", { text: '{"x": "y"}' }), 'y');
    }),
  ],
  [
    'juel.xml',
    'JUEL: XML()',
    camunda7Cell(
      refused('XML values are not read', (lab) =>
        lab.refuses(
          'expression-syntax',
          /XML/,
          lab.draft.start() +
            lab.draft.element('serviceTask', 't', { attributes: 'camunda:expression="${XML(text)}"' }) +
            lab.draft.end() +
            lab.draft.flows('start > t > end'),
        ),
      ),
    ),
  ],
  [
    'juel.beans',
    'JUEL: beans and static Java methods',
    camunda7Cell(
      refused('there is no Java here: an incident when it is evaluated', async (lab) => {
        await juel(lab, '${bean.pay()}');
        assert.deepEqual(lab.incidents, ['expression at t']);
      }),
    ),
  ],
]);

export const camunda7PeopleRows: readonly Row[] = [...people, ...processes, ...expressions];
