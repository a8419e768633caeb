/** BPMN data, variables and their scopes, and the mappings of both dialects. */
import assert from 'node:assert/strict';
import type { Lab } from '../lab.ts';
import { both, camunda7, camunda8, type Row, table } from '../row.ts';

/** `start`, the work `a` with these parts, `end`. */
async function working(lab: Lab, extensions: string, inner = '', beside = ''): Promise<void> {
  const { draft } = lab;
  await lab.deploy(
    draft.start() + draft.work('a', { extensions, inner }) + draft.end() + draft.flows('start > a > end') + beside,
  );
}

const IO =
  '<bpmn:ioSpecification id="io"><bpmn:dataInput id="in1" name="given" /><bpmn:dataOutput id="out1" name="made" /><bpmn:inputSet id="is"><bpmn:dataInputRefs>in1</bpmn:dataInputRefs></bpmn:inputSet><bpmn:outputSet id="os"><bpmn:dataOutputRefs>out1</bpmn:dataOutputRefs></bpmn:outputSet></bpmn:ioSpecification>';

/** From `source` into the input, out of the output into `target`. */
function associations(source: string, target: string, how = ''): string {
  return `${IO}<bpmn:dataInputAssociation id="dia"><bpmn:sourceRef>${source}</bpmn:sourceRef><bpmn:targetRef>in1</bpmn:targetRef>${how}</bpmn:dataInputAssociation><bpmn:dataOutputAssociation id="doa"><bpmn:sourceRef>out1</bpmn:sourceRef><bpmn:targetRef>${target}</bpmn:targetRef></bpmn:dataOutputAssociation>`;
}

const OBJECTS = ['order', 'invoice']
  .map(
    (id) =>
      `<bpmn:dataObjectReference id="${id}" name="${id}" dataObjectRef="${id}Data" /><bpmn:dataObject id="${id}Data" />`,
  )
  .join('');

const data = table('Data', 'serviceTask', [
  [
    'data.objects',
    'data objects by input/output specification and associations',
    both(async (lab) => {
      await working(lab, '', associations('order', 'invoice'), OBJECTS);
      lab.start({ order: 7 });
      assert.equal(lab.work('a', {}, { made: 'bill' }).variables['given']?.value, 7);
      assert.equal(lab.variables['invoice'], 'bill');
    }),
  ],
  [
    'data.stores',
    'data stores',
    both(async (lab) => {
      lab.draft.root('Archive', '<bpmn:dataStore id="Archive" name="archive" />');
      await working(
        lab,
        '',
        associations('order', 'store'),
        `${OBJECTS}<bpmn:dataStoreReference id="store" name="archive" dataStoreRef="Archive" />`,
      );
      lab.start({ order: 7 });
      lab.work('a', {}, { made: 'bill' });
      assert.equal(lab.variables['archive'], 'bill');
    }),
  ],
  [
    'data.transformation',
    'transformation and assignment of an association',
    both(async (lab) => {
      const { draft } = lab;
      await working(
        lab,
        '',
        associations('order', 'invoice', draft.formal('transformation', draft.expression('order.a + order.b'))),
        OBJECTS,
      );
      lab.start({ order: { a: 1, b: 2 } });
      assert.equal(lab.work('a').variables['given']?.value, 3);
      const assignment = `<bpmn:assignment id="as">${draft.formal('from', draft.expression('order.b'))}${draft.formal('to', 'given')}</bpmn:assignment>`;
      await working(lab, '', associations('order', 'invoice', assignment), OBJECTS);
      lab.start({ order: { a: 1, b: 2 } });
      assert.equal(lab.work('a').variables['given']?.value, 2);
    }),
  ],
  [
    'data.message',
    'variables of a message, a signal and a start',
    both(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          draft.catches('m', draft.message('paid')) +
          draft.catches('s', draft.signal('stop')) +
          draft.end() +
          draft.flows('start > m > s > end'),
      );
      lab.start({ x: 1 });
      lab.send('paid', { y: 2 });
      lab.broadcast('stop', { z: 3 });
      assert.deepEqual(lab.variables, { x: 1, y: 2, z: 3 });
    }),
    'intermediateCatchEvent',
  ],
  [
    'variables.types',
    'typed values: what is not JSON keeps its type',
    both(async (lab) => {
      await working(lab, '');
      const { processInstanceId } = lab.world.do({
        type: 'createProcessInstance',
        definition: { bpmnProcessId: 'p' },
        variables: {
          when: { type: 'Date', value: '2026-01-01T00:00:00.000+0000' },
          big: { type: 'Long', value: 9 },
          text: { type: 'String', value: '9' },
        },
      });
      lab.id = processInstanceId;
      const { variables } = lab.world.fetch('a');
      assert.deepEqual(
        [variables['when']?.type, variables['big']?.type, variables['text']?.type],
        ['Date', 'Long', 'String'],
      );
    }),
  ],
  [
    'variables.local',
    'local variables of a worker: seen by the output mappings, gone with the element',
    both(async (lab) => {
      const { draft } = lab;
      await working(
        lab,
        draft.say(
          '<camunda:inputOutput><camunda:outputParameter name="result">${raw + 1}</camunda:outputParameter></camunda:inputOutput>',
          '<zeebe:ioMapping><zeebe:output source="=raw + 1" target="result" /></zeebe:ioMapping>',
        ),
      );
      lab.start();
      lab.work('a', {}, { raw: 1 });
      assert.deepEqual(lab.variables, { result: 2 });
    }),
  ],
  [
    'variables.transient',
    'transient variables live as long as their command',
    camunda7(async (lab) => {
      const { draft } = lab;
      await lab.deploy(
        draft.start() +
          draft.element('serviceTask', 't', {
            attributes: 'camunda:expression="${secret}" camunda:resultVariable="kept"',
          }) +
          draft.work('a') +
          draft.end() +
          draft.flows('start > t > a > end'),
      );
      lab.id = lab.world.do({
        type: 'createProcessInstance',
        definition: { bpmnProcessId: 'p' },
        variables: { secret: { type: 'String', value: 's', info: { transient: true } } },
      }).processInstanceId;
      assert.deepEqual(lab.variables, { kept: 's' });
      assert.deepEqual(Object.keys(lab.seen('a')), ['kept']);
    }, 'Camunda 8 has no transient variables'),
  ],
]);

const mappings = table('Mappings', 'serviceTask', [
  [
    'mapping.input',
    'input mapping: a local variable by an expression',
    both(async (lab) => {
      await working(
        lab,
        lab.draft.say(
          '<camunda:inputOutput><camunda:inputParameter name="more">${x + 1}</camunda:inputParameter></camunda:inputOutput>',
          '<zeebe:ioMapping><zeebe:input source="=x + 1" target="more" /></zeebe:ioMapping>',
        ),
      );
      lab.start({ x: 1 });
      assert.equal(lab.work('a').variables['more']?.value, 2);
      assert.deepEqual(lab.variables, { x: 1 });
    }),
  ],
  [
    'mapping.output',
    'output mapping: only what is mapped reaches the process',
    both(async (lab) => {
      await working(
        lab,
        lab.draft.say(
          '<camunda:inputOutput><camunda:outputParameter name="result">${raw}</camunda:outputParameter></camunda:inputOutput>',
          '<zeebe:ioMapping><zeebe:output source="=raw" target="result" /></zeebe:ioMapping>',
        ),
      );
      lab.start();
      if (lab.draft.isCamunda7) lab.work('a', {}, { raw: 1 });
      else lab.work('a', { raw: 1 });
      assert.deepEqual(lab.variables, { result: 1 });
    }),
  ],
  [
    'mapping.list-map',
    'lists and maps in camunda:inputOutput',
    camunda7(async (lab) => {
      await working(
        lab,
        '<camunda:inputOutput><camunda:inputParameter name="l"><camunda:list><camunda:value>one</camunda:value><camunda:value>${x}</camunda:value></camunda:list></camunda:inputParameter><camunda:inputParameter name="m"><camunda:map><camunda:entry key="k">${x}</camunda:entry></camunda:map></camunda:inputParameter></camunda:inputOutput>',
      );
      lab.start({ x: 1 });
      const { l, m } = lab.seen('a');
      assert.deepEqual([l, m], [['one', 1], { k: 1 }]);
    }, 'FEEL writes lists and contexts'),
  ],
  [
    'mapping.script',
    'scripts in camunda:inputOutput, in lists and maps too',
    camunda7(async (lab) => {
      await working(
        lab,
        '<camunda:inputOutput><camunda:inputParameter name="s"><camunda:script scriptFormat="javascript">x * 2</camunda:script></camunda:inputParameter><camunda:inputParameter name="l"><camunda:list><camunda:script scriptFormat="javascript">x * 3</camunda:script></camunda:list></camunda:inputParameter></camunda:inputOutput>',
      );
      lab.start({ x: 1 });
      assert.equal(lab.work('procos.script', {}, { result: 2 }).headers['script_source'], 'x * 2');
      lab.work('procos.script', {}, { result: 3 });
      const { s, l } = lab.seen('a');
      assert.deepEqual([s, l], [2, [3]]);
    }),
  ],
  [
    'mapping.path',
    'a target that is a path (a.b) sets a member of a context',
    camunda8(async (lab) => {
      await working(
        lab,
        '<zeebe:ioMapping><zeebe:output source="=receipt" target="order.receipt" /></zeebe:ioMapping>',
      );
      lab.start({ order: { id: 1 } });
      lab.work('a', { receipt: 'r' });
      assert.deepEqual(lab.variables['order'], { id: 1, receipt: 'r' });
    }),
  ],
  [
    'mapping.event',
    'mappings of events',
    both(async (lab) => {
      const { draft } = lab;
      const io = draft.say(
        '<camunda:inputOutput><camunda:outputParameter name="result">${paid + 1}</camunda:outputParameter></camunda:inputOutput>',
        '<zeebe:ioMapping><zeebe:output source="=paid + 1" target="result" /></zeebe:ioMapping>',
      );
      await lab.deploy(
        draft.start() +
          draft.element('intermediateCatchEvent', 'wait', { inner: draft.message('paid'), extensions: io }) +
          draft.end() +
          draft.flows('start > wait > end'),
      );
      lab.start();
      lab.send('paid', { paid: 1 });
      assert.equal(lab.variables['result'], 2);
    }),
    'intermediateCatchEvent',
  ],
  [
    'mapping.failing',
    'a mapping that cannot be evaluated is an incident',
    camunda7(async (lab) => {
      await working(
        lab,
        '<camunda:inputOutput><camunda:inputParameter name="more">${missing + 1}</camunda:inputParameter></camunda:inputOutput>',
      );
      lab.start();
      assert.deepEqual(lab.incidents, ['expression at a']);
    }, 'what FEEL cannot evaluate is null'),
  ],
]);

export const dataRows: readonly Row[] = [...data, ...mappings];
