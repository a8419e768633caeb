/** Stories of processes that only operators may run: whichever way a model has one run, it must name it. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { readProcesses } from '@procos/bpmn';
import { World } from './world.ts';

const SHUTDOWN = 'procos_system_shutdown';
const PREFIXES =
  'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:procos="http://procos.dev/schema/1.0"';

const flow = (from: string, to: string) =>
  `<bpmn:sequenceFlow id="${from}_${to}" sourceRef="${from}" targetRef="${to}" />`;
/** Start, one element with the id `ID_x`, end; `block` is what stands in `procos:security`, null: no block. */
function process(id: string, block: string | null, element: string, start = ''): string {
  const security =
    block === null
      ? ''
      : `<bpmn:extensionElements><procos:security>${block}</procos:security></bpmn:extensionElements>`;
  return `<bpmn:process id="${id}" isExecutable="true">${security}<bpmn:startEvent id="${id}_s">${start}</bpmn:startEvent>${element.replaceAll('ID', id)}<bpmn:endEvent id="${id}_e" />${flow(`${id}_s`, `${id}_x`)}${flow(`${id}_x`, `${id}_e`)}</bpmn:process>`;
}
const call = (called: string, loop = '') =>
  `<bpmn:callActivity id="ID_x" calledElement="${called}"><bpmn:extensionElements><camunda:in variables="all" /></bpmn:extensionElements>${loop}</bpmn:callActivity>`;
const work = (topic: string) => `<bpmn:serviceTask id="ID_x" camunda:type="external" camunda:topic="${topic}" />`;
const thrown = (definition: string) =>
  `<bpmn:intermediateThrowEvent id="ID_x">${definition}</bpmn:intermediateThrowEvent>`;
const tasks = (inside: string) => `<procos:allowedTasks>${inside}</procos:allowedTasks>`;
const names = (...ids: string[]) => tasks(ids.map((id) => `<procos:process processId="${id}" />`).join(''));

describe('a process of the system that only operators may run', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    world.systemByName = true;
    await deploy(
      process(SHUTDOWN, tasks('<procos:task topic="procos.power.off" />'), work('procos.power.off')) +
        process(
          'procos_system_wake',
          tasks('<procos:task topic="procos.power.off" />'),
          work('procos.power.off'),
          '<bpmn:messageEventDefinition id="wm" messageRef="m" />',
        ) +
        process(
          'procos_system_hear',
          tasks('<procos:task topic="procos.power.off" />'),
          work('procos.power.off'),
          '<bpmn:signalEventDefinition id="ws" signalRef="sig" />',
        ) +
        process('procos_system_file_update', names('*'), call('${verify_process}')),
    );
  });

  async function deploy(processes: string): Promise<void> {
    const content = `<bpmn:definitions ${PREFIXES} id="definitions" targetNamespace="t"><bpmn:message id="m" name="procos.user_request" /><bpmn:signal id="sig" name="procos.shutdown" /><bpmn:message id="m_by_name" name="\${name}" /><bpmn:signal id="sig_by_name" name="\${name}" />${processes}</bpmn:definitions>`;
    const read = await readProcesses(content);
    assert.deepEqual(
      read.problems.filter(({ severity }) => severity === 'error'),
      [],
    );
    assert.ok(world.deployModels(content, content, read.processes).ok);
  }
  /** What stands in the incident that keeps the system from doing anything. */
  function refused(): string {
    const [incident, ...others] = world.incidents();
    assert.deepEqual([incident?.kind, others.length], ['forbidden', 0]);
    assert.equal(world.fetchAll('procos.power.off').length, 0);
    world.assertReplayEqual();
    return incident?.message ?? '';
  }
  const unnamed = (id: string) =>
    `process ${SHUTDOWN} is the system's, and ${id} does not name it: declare it in its procos:security block (<procos:process processId="${SHUTDOWN}"/>), and have it deployed by who may run that process`;

  it('is not called by a model without a block, also when the id is only known at run time', async () => {
    await deploy(process('p', null, call('${called}')));
    world.start('p', { called: SHUTDOWN });
    assert.equal(refused(), `'p_x' is forbidden: ${unnamed('p')}`);
  });

  it('is not called under a pattern that is for every process, nor in a loop', async () => {
    const loop =
      '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality xsi:type="bpmn:tFormalExpression">1</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>';
    await deploy(process('p', names('*'), call(SHUTDOWN, loop)));
    world.start('p');
    assert.match(refused(), /and p does not name it/);
  });

  it('is not called by a process of the library for a model that does not name it', async () => {
    await deploy(process('p', null, call('procos_system_file_update')));
    world.start('p', { verify_process: SHUTDOWN });
    assert.equal(refused(), `'procos_system_file_update_x' is forbidden: ${unnamed('p')}`);
  });

  it('is not called by what does the work of a topic', async () => {
    const serves = '<bpmn:extensionElements><procos:servesTopic topic="off" results="none" /></bpmn:extensionElements>';
    const server = process('server', null, call(SHUTDOWN));
    await deploy(server.replace('isExecutable="true">', `isExecutable="true">${serves}`));
    await deploy(process('p', null, work('off')));
    world.start('p');
    assert.match(refused(), /and server does not name it/);
  });

  it('is not woken by a message or a signal that another process throws', async () => {
    for (const [kind, name] of [
      ['message', 'procos.user_request'],
      ['signal', 'procos.shutdown'],
    ] as const) {
      const definition = `<bpmn:${kind}EventDefinition id="${kind}_d" ${kind}Ref="${kind === 'message' ? 'm' : 'sig'}_by_name" />`;
      await deploy(process(kind, null, thrown(definition)));
      world.start(kind, { name });
    }
    assert.deepEqual(
      world.incidents().map(({ kind, message }) => [kind, message]),
      [
        [
          'forbidden',
          "'message_x' is forbidden: message procos.user_request is the system's, and message is not: give it a name that does not begin with procos., or call the process that you want run",
        ],
        [
          'forbidden',
          "'signal_x' is forbidden: signal procos.shutdown is the system's, and signal is not: give it a name that does not begin with procos., or call the process that you want run",
        ],
      ],
    );
    assert.equal(world.fetchAll('procos.power.off').length, 0);
  });

  it('is called by who names it, with its own topics, and by processes of the system', async () => {
    await deploy(process('p', names('procos_system_shut*'), call(SHUTDOWN)));
    world.start('p');
    await deploy(process('procos_system_orders', names('*'), call('${called}')));
    world.start('procos_system_orders', { called: SHUTDOWN });
    assert.deepEqual(world.incidents(), []);
    assert.equal(world.fetchAll('procos.power.off').length, 2);
  });

  it('is called by everybody where nobody proves who he is', async () => {
    world.systemByName = false;
    await deploy(process('p', null, call(SHUTDOWN)));
    await deploy(process('q', null, thrown('<bpmn:signalEventDefinition id="q_d" signalRef="sig" />')));
    world.start('p');
    world.start('q');
    assert.equal(world.fetchAll('procos.power.off').length, 2);
  });
});

describe('a process of the library', () => {
  it('works with its own topics for who declares nothing but it, and reaches no more than who calls it', async () => {
    const world = new World();
    world.systemByName = true;
    const id = 'procos_system_file_read';
    const own = tasks('<procos:task topic="file_operation" /><procos:task topic="procos.file.lock" />');
    const paths = (name: string) => `<procos:capabilities><procos:path name="${name}" /></procos:capabilities>`;
    const content = `<bpmn:definitions ${PREFIXES} id="definitions" targetNamespace="t">${process(id, own + paths('.'), work('file_operation'))}${process('p', names(id) + paths('in'), call(id))}${process('q', names('other'), call(id))}</bpmn:definitions>`;
    assert.ok(world.deployModels('f', content, (await readProcesses(content)).processes).ok);
    world.start('p');
    assert.deepEqual(world.incidents(), []);
    const [task] = world.fetchAll('file_operation');
    assert.deepEqual(task?.capabilities?.paths, [{ name: 'in' }]);
    world.start('q');
    assert.match(
      world.incidents()[0]?.message ?? '',
      /'q_x' is forbidden: process procos_system_file_read is not declared/,
    );
  });
});
