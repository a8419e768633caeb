/** Call activities: which version is called, and what passes in and out. */
import assert from 'node:assert/strict';
import type { Lab } from '../lab.ts';
import { both, camunda7, none, type Row, runs, table } from '../row.ts';

interface Call {
  /** Attributes of Camunda 7. */
  readonly attributes?: string;
  readonly called?: string;
  /** Attributes of `zeebe:calledElement`. */
  readonly zeebe?: string;
  /** Further extension elements of each dialect. */
  readonly camunda?: string;
  readonly io?: string;
}

function calling(
  lab: Lab,
  { attributes = '', called = 'child', zeebe = '', camunda = '', io = '' }: Call = {},
): string {
  const { draft } = lab;
  const call = draft.element('callActivity', 'call', {
    attributes: draft.say(`calledElement="${called}" ${attributes}`, ''),
    extensions: draft.say(camunda, `<zeebe:calledElement processId="${called}" ${zeebe} />${io}`),
  });
  return draft.process(draft.start() + call + draft.end() + draft.flows('start > call > end'), 'p');
}

/** Another version of the child has another topic. */
function child(lab: Lab, topic: string, tag = ''): string {
  const { draft } = lab;
  const content = draft.start('in') + draft.work(topic) + draft.end('out') + draft.flows(`in > ${topic} > out`);
  return draft.process(
    content,
    'child',
    draft.say(tag === '' ? '' : `camunda:versionTag="${tag}"`, ''),
    draft.say('', tag === '' ? '' : `<zeebe:versionTag value="${tag}" />`),
  );
}

async function deploy(lab: Lab, ...processes: readonly string[]): Promise<void> {
  await lab.deployFile(lab.draft.definitions(processes.join('')));
}

const rows = table('Call activities', 'callActivity', [
  [
    'call.latest',
    'binding: latest',
    both(async (lab) => {
      await deploy(lab, calling(lab), child(lab, 'one'));
      await deploy(lab, child(lab, 'two'));
      lab.start();
      assert.deepEqual(lab.open, ['two']);
      lab.work('two');
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'call.deployment',
    'binding: the version of the same deployment',
    both(async (lab) => {
      await deploy(
        lab,
        calling(lab, { attributes: 'camunda:calledElementBinding="deployment"', zeebe: 'bindingType="deployment"' }),
        child(lab, 'one'),
      );
      await deploy(lab, child(lab, 'two'));
      lab.start();
      assert.deepEqual(lab.open, ['one']);
    }),
  ],
  [
    'call.version',
    'binding: a version',
    camunda7(async (lab) => {
      await deploy(lab, child(lab, 'one'));
      await deploy(lab, child(lab, 'two'));
      await deploy(
        lab,
        calling(lab, { attributes: 'camunda:calledElementBinding="version" camunda:calledElementVersion="${which}"' }),
      );
      lab.start({ which: 1 });
      assert.deepEqual(lab.open, ['one']);
    }, 'Camunda 8 binds to latest, deployment or version tag'),
  ],
  [
    'call.version-tag',
    'binding: a version tag',
    both(async (lab) => {
      await deploy(lab, child(lab, 'one', 'stable'));
      await deploy(lab, child(lab, 'two'));
      await deploy(
        lab,
        calling(lab, {
          attributes: 'camunda:calledElementBinding="versionTag" camunda:calledElementVersionTag="stable"',
          zeebe: 'bindingType="versionTag" versionTag="stable"',
        }),
      );
      lab.start();
      assert.deepEqual(lab.open, ['one']);
    }),
  ],
  [
    'call.expression',
    'the called process by an expression',
    both(async (lab) => {
      await deploy(lab, calling(lab, { called: lab.draft.expression('which') }), child(lab, 'one'));
      lab.start({ which: 'child' });
      assert.deepEqual(lab.open, ['one']);
    }),
  ],
  [
    'call.in-all',
    'all variables in and out',
    both(async (lab) => {
      await deploy(
        lab,
        calling(lab, { camunda: '<camunda:in variables="all" /><camunda:out variables="all" />' }),
        child(lab, 'one'),
      );
      lab.start({ x: 1 });
      assert.equal(lab.work('one', { y: 2 }).variables['x']?.value, 1);
      assert.deepEqual(lab.variables, { x: 1, y: 2 });
    }),
  ],
  [
    'call.mappings',
    'single variables in and out, as they are or by an expression; nothing else passes',
    both(async (lab) => {
      const call: Call = {
        camunda:
          '<camunda:in source="x" target="given" /><camunda:in sourceExpression="${x + 1}" target="more" /><camunda:out source="made" target="result" />',
        zeebe: 'propagateAllParentVariables="false" propagateAllChildVariables="false"',
        io: '<zeebe:ioMapping><zeebe:input source="=x" target="given" /><zeebe:input source="=x + 1" target="more" /><zeebe:output source="=made" target="result" /></zeebe:ioMapping>',
      };
      await deploy(lab, calling(lab, call), child(lab, 'one'));
      lab.start({ x: 1, secret: 's' });
      const { variables } = lab.work('one', { made: 7, other: 8 });
      assert.deepEqual(Object.keys(variables).sort(), ['given', 'more']);
      assert.deepEqual([variables['given']?.value, variables['more']?.value], [1, 2]);
      assert.deepEqual(lab.variables, { x: 1, secret: 's', result: 7 });
    }),
  ],
  [
    'call.local',
    'all local variables in and out (local="true"), for input and output mappings',
    camunda7(async (lab) => {
      const call: Call = {
        camunda:
          '<camunda:inputOutput><camunda:inputParameter name="own">${x + 1}</camunda:inputParameter><camunda:outputParameter name="result">${made}</camunda:outputParameter></camunda:inputOutput><camunda:in variables="all" local="true" /><camunda:out variables="all" local="true" />',
      };
      await deploy(lab, calling(lab, call), child(lab, 'one'));
      lab.start({ x: 1 });
      assert.deepEqual(Object.keys(lab.work('one', { made: 7 }).variables), ['own']);
      assert.deepEqual(lab.variables, { x: 1, result: 7 });
    }, 'Camunda 8 passes what is mapped in'),
  ],
  [
    'call.business-key',
    'business key of the child',
    {
      camunda7: runs(async (lab) => {
        await deploy(
          lab,
          calling(lab, { camunda: '<camunda:in businessKey="#{execution.processBusinessKey}" />' }),
          child(lab, 'one'),
        );
        lab.start();
        assert.equal(lab.work('one').task.businessKey, 'k');
      }),
      camunda8: runs(async (lab) => {
        await deploy(lab, calling(lab, { zeebe: 'businessId="=&quot;c&quot;"' }), child(lab, 'one'));
        lab.start();
        assert.equal(lab.work('one').task.businessKey, 'c');
      }),
    },
  ],
  [
    'call.error',
    'errors and escalations of the child are caught at the call activity',
    both(async (lab) => {
      const { draft } = lab;
      const caught = calling(lab).replace(
        '</bpmn:process>',
        `${draft.boundary('on', 'call', draft.error('bad')) + draft.boundary('told', 'call', draft.escalation('late'), false) + draft.end('late') + draft.end('noted') + draft.flows('on > late; told > noted')}</bpmn:process>`,
      );
      const throwing = draft.process(
        draft.start('in') +
          draft.throws('tell', draft.escalation('late')) +
          draft.work('one') +
          draft.end('out', draft.error('bad')) +
          draft.flows('in > tell > one > out'),
        'child',
      );
      await deploy(lab, caught, throwing);
      lab.start();
      assert.ok(lab.trace.includes('noted'));
      lab.work('one');
      assert.deepEqual(lab.trace.slice(-2), ['on', 'late']);
      assert.equal(lab.state, 'completed');
    }),
  ],
  [
    'call.cancel',
    'a call that is interrupted ends the child',
    both(async (lab) => {
      const { draft } = lab;
      const timed = calling(lab).replace(
        '</bpmn:process>',
        `${draft.boundary('on', 'call', draft.signal('stop')) + draft.end('late') + draft.flows('on > late')}</bpmn:process>`,
      );
      await deploy(lab, timed, child(lab, 'one'));
      lab.start();
      lab.broadcast('stop');
      assert.deepEqual(lab.open, []);
      assert.ok(lab.world.store.find('processInstances').every(({ state }) => state !== 'active'));
    }),
  ],
  [
    'call.unknown',
    'a process that is not deployed: an incident, which deploying it mends',
    both(async (lab) => {
      await deploy(lab, calling(lab));
      lab.start();
      assert.deepEqual(lab.incidents, ['calledElement at call']);
      await deploy(lab, child(lab, 'one'));
      lab.world.do({ type: 'resolveIncident', incidentId: lab.world.incidents()[0]?.id ?? 0 });
      assert.deepEqual(lab.open, ['one']);
    }),
  ],
  [
    'call.dmn-case',
    'call of a CMMN case (camunda:caseRef)',
    {
      camunda7: {
        kind: 'refused',
        note: 'there is no CMMN here',
        story: (lab) =>
          lab.refuses(
            'not-executable-here',
            /caseRef/,
            lab.draft.start() +
              lab.draft.element('callActivity', 'call', { attributes: 'calledElement="child" camunda:caseRef="c"' }) +
              lab.draft.end() +
              lab.draft.flows('start > call > end'),
          ),
      },
      camunda8: none('Camunda 8 has no CMMN'),
    },
  ],
]);

export const callRows: readonly Row[] = rows;
