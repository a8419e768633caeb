/** What Camunda 8 adds to BPMN, one extension after the other. */
import assert from 'node:assert/strict';
import { HOUR, type Lab } from '../lab.ts';
import { camunda8, camunda8Cell, noEffect, partly, type Row, refused, type Story, table } from '../row.ts';

/** `start`, the element `t` with these extensions, `end`. */
async function single(lab: Lab, tag: string, extensions: string, inner = ''): Promise<void> {
  const { draft } = lab;
  await lab.deploy(
    draft.start() + draft.element(tag, 't', { extensions, inner }) + draft.end() + draft.flows('start > t > end'),
  );
}

function job(extensions: string, story: (lab: Lab) => void): Story {
  return async (lab) => {
    await single(lab, 'serviceTask', extensions);
    story(lab);
  };
}

function isRefused(note: string, message: RegExp, tag: string, extensions: string, inner = ''): Row['cells'] {
  return camunda8Cell(
    refused(note, (lab) =>
      lab.refuses(
        'not-executable-here',
        message,
        lab.draft.start() +
          lab.draft.element(tag, 't', { extensions, inner }) +
          lab.draft.end() +
          lab.draft.flows('start > t > end'),
      ),
    ),
  );
}

const jobs = table('Camunda 8: jobs', 'serviceTask', [
  [
    'c8.task-definition',
    'zeebe:taskDefinition: type and retries, also as expressions',
    camunda8(
      job('<zeebe:taskDefinition type="=kind + &quot;-job&quot;" retries="=n + 1" />', (lab) => {
        lab.start({ kind: 'pay', n: 4 });
        assert.equal(lab.work('pay-job').task.retries, 5);
        assert.equal(lab.state, 'completed');
      }),
    ),
  ],
  [
    'c8.retries-default',
    'three retries where the model names none',
    camunda8(
      job('<zeebe:taskDefinition type="pay" />', (lab) => {
        lab.start();
        assert.equal(lab.work('pay').task.retries, 3);
      }),
    ),
  ],
  [
    'c8.headers',
    'zeebe:taskHeaders',
    camunda8(
      job(
        '<zeebe:taskDefinition type="pay" /><zeebe:taskHeaders><zeebe:header key="k" value="v" /></zeebe:taskHeaders>',
        (lab) => {
          lab.start();
          assert.deepEqual(lab.work('pay').headers, { k: 'v' });
        },
      ),
    ),
  ],
  [
    'c8.job-priority',
    'zeebe:jobPriorityDefinition, of the task or of the process',
    camunda8(
      job('<zeebe:taskDefinition type="pay" /><zeebe:jobPriorityDefinition priority="=p" />', (lab) => {
        lab.start({ p: 7 });
        assert.equal(lab.work('pay').task.priority, 7);
      }),
    ),
  ],
  [
    'c8.results',
    'results: upward without output mappings, local with them',
    camunda8(async (lab) => {
      await single(lab, 'serviceTask', '<zeebe:taskDefinition type="t" />');
      lab.start({ x: 1 });
      lab.work('t', { x: 2, y: 3 });
      assert.deepEqual(lab.variables, { x: 2, y: 3 });
      await single(
        lab,
        'serviceTask',
        '<zeebe:taskDefinition type="t" /><zeebe:ioMapping><zeebe:output source="=y" target="z" /></zeebe:ioMapping>',
      );
      lab.start({ x: 1 });
      lab.work('t', { x: 2, y: 3 });
      assert.deepEqual(lab.variables, { x: 1, z: 3 });
    }),
  ],
  [
    'c8.properties',
    'zeebe:properties',
    camunda8(async (lab) => {
      await single(
        lab,
        'serviceTask',
        '<zeebe:taskDefinition type="t" /><zeebe:properties><zeebe:property name="k" value="v" /></zeebe:properties>',
      );
      assert.deepEqual(
        { ...lab.world.store.state.definitions.latest('p', null)?.model.elements['t']?.properties },
        { k: 'v' },
      );
    }),
  ],
  [
    'c8.linked-resources',
    'zeebe:linkedResources',
    isRefused(
      'the worker finds its resources',
      /linkedResources/,
      'serviceTask',
      '<zeebe:taskDefinition type="t" /><zeebe:linkedResources><zeebe:linkedResource resourceId="r" resourceType="RPA" linkName="l" /></zeebe:linkedResources>',
    ),
  ],
  [
    'c8.adhoc-job',
    'zeebe:taskDefinition on an ad-hoc sub-process',
    isRefused(
      'activeElementsCollection says what runs',
      /on an ad-hoc sub-process/,
      'adHocSubProcess',
      '<zeebe:taskDefinition type="t" />',
      '<bpmn:task id="inner" />',
    ),
    'adHocSubProcess',
  ],
]);

const people = table('Camunda 8: user tasks and forms', 'userTask', [
  [
    'c8.user-task',
    'zeebe:userTask, zeebe:assignmentDefinition',
    camunda8(async (lab) => {
      await single(
        lab,
        'userTask',
        '<zeebe:userTask /><zeebe:assignmentDefinition assignee="=boss" candidateUsers="bob, eve" candidateGroups="=groups" />',
      );
      lab.start({ boss: 'ada', groups: ['a', 'b'] });
      const { assignee, candidateUsers, candidateGroups } = lab.userTask;
      assert.deepEqual([assignee, candidateUsers, candidateGroups], ['ada', ['bob', 'eve'], ['a', 'b']]);
    }),
  ],
  [
    'c8.job-user-task',
    'user task by a job worker (without zeebe:userTask)',
    camunda8Cell(
      partly('a user task as any other; there is no job for it', async (lab) => {
        await single(lab, 'userTask', '<zeebe:assignmentDefinition assignee="ada" />');
        lab.start();
        assert.deepEqual(lab.open, []);
        assert.equal(lab.userTask.assignee, 'ada');
      }),
    ),
  ],
  [
    'c8.schedule',
    'zeebe:taskSchedule, zeebe:priorityDefinition',
    camunda8(async (lab) => {
      await single(
        lab,
        'userTask',
        '<zeebe:userTask /><zeebe:taskSchedule dueDate="=now() + duration(&quot;P2D&quot;)" followUpDate="2026-01-02T00:00:00Z" /><zeebe:priorityDefinition priority="=p" />',
      );
      lab.start({ p: 70 });
      const { dueAt, followUpAt, priority } = lab.userTask;
      assert.deepEqual([dueAt, followUpAt, priority], [Date.UTC(2026, 0, 3), Date.UTC(2026, 0, 2), 70]);
    }),
  ],
  [
    'c8.form',
    'zeebe:formDefinition: formId, externalReference, embedded form',
    camunda8(async (lab) => {
      const forms: unknown[] = [];
      for (const form of [
        'formId="ask"',
        'externalReference="=&quot;ask-&quot; + n"',
        'formKey="camunda-forms:bpmn:own"',
      ]) {
        const { draft } = lab;
        const task = draft.element('userTask', 't', {
          extensions: `<zeebe:userTask /><zeebe:formDefinition ${form} />`,
        });
        await lab.deploy(
          draft.start() + task + draft.end() + draft.flows('start > t > end'),
          'p',
          '',
          '<zeebe:userTaskForm id="own">{"components":[]}</zeebe:userTaskForm>',
        );
        lab.start({ n: '1' });
        const element = lab.world.store.state.definitions.latest('p', null)?.model.elements['t'];
        forms.push(
          lab.userTask.formId ??
            lab.userTask.formKey ??
            (element?.type === 'userTask' ? element.user.embeddedForm : undefined),
        );
        lab.completeUserTask();
      }
      assert.deepEqual(forms, ['ask', 'ask-1', '{"components":[]}']);
    }),
  ],
  [
    'c8.form-binding',
    'bindingType of zeebe:formDefinition',
    camunda8Cell(
      noEffect('the latest form is taken', async (lab) => {
        await single(
          lab,
          'userTask',
          '<zeebe:userTask /><zeebe:formDefinition formId="ask" bindingType="deployment" />',
        );
        lab.assertNoEffect(/bindingType/);
      }),
    ),
  ],
  [
    'c8.user-task-headers',
    'zeebe:taskHeaders on a user task',
    camunda8Cell(
      noEffect('use zeebe:properties', async (lab) => {
        await single(
          lab,
          'userTask',
          '<zeebe:userTask /><zeebe:taskHeaders><zeebe:header key="k" value="v" /></zeebe:taskHeaders>',
        );
        lab.assertNoEffect(/taskHeaders/);
      }),
    ),
  ],
]);

const listeners = table('Camunda 8: listeners', 'serviceTask', [
  [
    'c8.execution-listeners',
    'zeebe:executionListeners: start and end, with retries and headers (those of the element too)',
    camunda8(
      job(
        '<zeebe:taskDefinition type="t" /><zeebe:taskHeaders><zeebe:header key="k" value="element" /><zeebe:header key="e" value="w" /></zeebe:taskHeaders><zeebe:executionListeners><zeebe:executionListener eventType="start" type="before" retries="2"><zeebe:taskHeaders><zeebe:header key="k" value="v" /></zeebe:taskHeaders></zeebe:executionListener><zeebe:executionListener eventType="end" type="=&quot;after&quot;" /></zeebe:executionListeners>',
        (lab) => {
          lab.start();
          assert.deepEqual(lab.open, ['before']);
          const { task, headers } = lab.work('before');
          assert.deepEqual([task.retries, { ...headers }], [2, { k: 'v', e: 'w' }]);
          lab.work('t');
          lab.work('after');
          assert.equal(lab.state, 'completed');
        },
      ),
    ),
  ],
  [
    'c8.task-listeners',
    'zeebe:taskListeners: creating, assigning, updating, completing',
    camunda8(async (lab) => {
      const told = ['creating', 'assigning', 'updating', 'completing'];
      await single(
        lab,
        'userTask',
        `<zeebe:userTask /><zeebe:taskListeners>${told.map((event) => `<zeebe:taskListener eventType="${event}" type="${event}" />`).join('')}</zeebe:taskListeners>`,
      );
      lab.start();
      const userTaskId = lab.userTask.id;
      lab.work('creating');
      lab.world.do({ type: 'assignUserTask', userTaskId, assignee: 'ada', claim: false });
      assert.equal(lab.userTask.assignee, null);
      lab.work('assigning');
      assert.equal(lab.userTask.assignee, 'ada');
      lab.world.do({ type: 'updateUserTask', userTaskId, changes: { priority: 1 } });
      lab.work('updating');
      lab.completeUserTask();
      assert.equal(lab.state, 'active');
      lab.work('completing');
      assert.equal(lab.state, 'completed');
    }),
    'userTask',
  ],
  [
    'c8.task-listeners.canceling',
    'zeebe:taskListener: canceling; the event waits for it',
    camunda8(async (lab) => {
      const { draft } = lab;
      const told =
        '<zeebe:userTask /><zeebe:taskListeners><zeebe:taskListener eventType="canceling" type="gone" /></zeebe:taskListeners>';
      await lab.deploy(
        draft.start() +
          draft.element('userTask', 't', { extensions: told }) +
          draft.end() +
          draft.boundary('on', 't', draft.signal('stop')) +
          draft.work('after') +
          draft.flows('start > t > end; on > after > end'),
      );
      lab.start();
      lab.broadcast('stop');
      assert.deepEqual(lab.open, ['gone']);
      lab.work('gone');
      assert.deepEqual(lab.open, ['after']);
    }),
    'userTask',
  ],
]);

function publish(lab: Lab, correlationKey: string, timeToLiveMs: number): void {
  lab.world.do({ type: 'publishMessage', name: 'paid', correlationKey, timeToLiveMs });
}

async function waiting(lab: Lab): Promise<void> {
  const { draft } = lab;
  draft.messageRoot('paid', '=order.id');
  const event = '<bpmn:messageEventDefinition messageRef="Message_paid" />';
  await lab.deploy(
    draft.start() +
      draft.work('t') +
      draft.catches('wait', event) +
      draft.end() +
      draft.flows('start > t > wait > end'),
  );
}

const messages = table('Camunda 8: messages', 'intermediateCatchEvent', [
  [
    'c8.correlation-key',
    'zeebe:subscription: correlation key',
    camunda8(async (lab) => {
      await waiting(lab);
      lab.start({ order: { id: 'o-1' } });
      lab.work('t');
      publish(lab, 'o-2', 0);
      assert.equal(lab.state, 'active');
      publish(lab, 'o-1', 0);
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'c8.time-to-live',
    'a published message waits for its receiver until its time to live is over',
    camunda8(async (lab) => {
      await waiting(lab);
      publish(lab, 'o-1', HOUR);
      lab.start({ order: { id: 'o-1' } });
      lab.work('t');
      assert.equal(lab.state, 'completed');
      publish(lab, 'o-2', HOUR);
      lab.start({ order: { id: 'o-2' } });
      lab.advance(HOUR);
      lab.work('t');
      assert.equal(lab.state, 'active');
    }),
  ],
  [
    'c8.one-per-key',
    'message start event: one instance per correlation key at a time',
    camunda8(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start('start', draft.message('paid')) + draft.work('t') + draft.end() + draft.flows('start > t > end'),
      );
      publish(lab, 'a', HOUR);
      publish(lab, 'a', HOUR);
      assert.equal(lab.instances, 1);
      lab.work('t');
      assert.equal(lab.instances, 2);
    }),
    'startEvent',
  ],
  [
    'c8.message-name',
    'message name as an expression',
    camunda8(async (lab) => {
      const { draft } = lab;
      draft.root(
        'M',
        '<bpmn:message id="M" name="=kind"><bpmn:extensionElements><zeebe:subscription correlationKey="=&quot;k&quot;" /></bpmn:extensionElements></bpmn:message>',
      );
      await lab.deploy(
        draft.start() +
          draft.catches('wait', '<bpmn:messageEventDefinition messageRef="M" />') +
          draft.end() +
          draft.flows('start > wait > end'),
      );
      lab.start({ kind: 'paid' });
      lab.send('paid');
      assert.equal(lab.state, 'completed');
    }),
  ],
]);

/** The value that FEEL gives in a script task. */
async function feel(lab: Lab, expression: string, variables: Parameters<Lab['start']>[0] = {}): Promise<unknown> {
  await single(lab, 'scriptTask', `<zeebe:script expression="${expression}" resultVariable="r" />`);
  lab.start(variables);
  return lab.variables['r'];
}

const expressions = table('Camunda 8: expressions and the rest', 'expressionTask', [
  [
    'feel.expressions',
    'FEEL: arithmetic, comparison, if, for, filters, contexts, functions',
    camunda8(async (lab) => {
      assert.equal(await feel(lab, '=if a &gt; 1 then a * 2 else 0', { a: 2 }), 4);
      assert.deepEqual(await feel(lab, '=for i in list return i + 1', { list: [1, 2] }), [2, 3]);
      assert.deepEqual(await feel(lab, '=list[item &gt; 1]', { list: [1, 2, 3] }), [2, 3]);
      assert.deepEqual(await feel(lab, '={a: sum(list), b: upper case(&quot;x&quot;)}', { list: [1, 2] }), {
        a: 3,
        b: 'X',
      });
    }),
  ],
  [
    'feel.null',
    'FEEL: what is not there is null',
    camunda8(async (lab) => {
      assert.equal(await feel(lab, '=missing.member'), null);
    }),
  ],
  [
    'c8.conditional-filter',
    'zeebe:conditionalFilter: variableNames, variableEvents',
    camunda8(async (lab) => {
      const { draft } = lab;
      const filter = '<zeebe:conditionalFilter variableNames="x" variableEvents="update" />';
      await lab.deploy(
        draft.start() +
          draft.catches('wait', draft.conditional('y > 0', 'y > 0', '', filter)) +
          draft.end() +
          draft.flows('start > wait > end'),
      );
      lab.start({ y: 0 });
      lab.set({ y: 1 });
      lab.set({ x: 1 });
      assert.equal(lab.state, 'active');
      lab.set({ x: 2 });
      assert.equal(lab.state, 'completed');
    }),
    'intermediateCatchEvent',
  ],
  [
    'c8.version-tag',
    'zeebe:versionTag of a process',
    camunda8(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() + draft.end() + draft.flows('start > end'),
        'p',
        '',
        '<zeebe:versionTag value="v1" />',
      );
      assert.equal(lab.world.store.state.definitions.latest('p', null)?.versionTag, 'v1');
    }),
    'process',
  ],
  [
    'c8.decision-binding',
    'zeebe:calledDecision: decisionId as an expression, bindingType versionTag and deployment',
    camunda8(async (lab) => {
      await lab.world.deployDecisions('dish');
      const decide = (attributes: string) =>
        single(lab, 'businessRuleTask', `<zeebe:calledDecision ${attributes} resultVariable="r" />`);
      await decide('decisionId="=which" bindingType="versionTag" versionTag="menu"');
      lab.start({ which: 'dish', temperature: 20, guests: 3 });
      assert.deepEqual(lab.variables['r'], { dish: 'Salad', drink: 'Juice' });
      await decide('decisionId="dish" bindingType="deployment"');
      lab.start({ guests: 3 });
      assert.deepEqual(lab.incidents, ['decision at t']);
    }),
    'decisionTask',
  ],
  [
    'c8.error-expression',
    'error code and signal name as expressions',
    camunda8(async (lab) => {
      const { draft } = lab;
      draft.root('E', '<bpmn:error id="E" errorCode="=code" />');
      const inside =
        draft.start('in') + draft.end('out', '<bpmn:errorEventDefinition errorRef="E" />') + draft.flows('in > out');
      await lab.deploy(
        draft.start() +
          draft.sub('sub', inside) +
          draft.end() +
          draft.boundary('on', 'sub', draft.error('bad')) +
          draft.end('late') +
          draft.flows('start > sub > end; on > late'),
      );
      lab.start({ code: 'bad' });
      assert.equal(lab.trace.at(-1), 'late');
    }),
    'endEvent',
  ],
]);

export const camunda8Rows: readonly Row[] = [...jobs, ...people, ...listeners, ...messages, ...expressions];
