/** The published Python client (camunda-external-task-client-python3), unmodified, against the real engine. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bpmn, startSystem } from '../../packages/rest/src/testing/real-kernel.test.ts';
import { ended, variablesOf, visited } from './camunda7.ts';
import { installed, Program, skipWithout, sourceOf } from './foreign.ts';

const VALUES = bpmn(
  'values',
  `<bpmn:startEvent id="Start" />
    <bpmn:serviceTask id="Values" camunda:type="external" camunda:topic="values">
      <bpmn:extensionElements><camunda:properties><camunda:property name="unit" value="kg" /></camunda:properties></bpmn:extensionElements>
    </bpmn:serviceTask>`,
  ['Start->Values'],
);
const OUTCOMES = bpmn(
  'outcomes',
  `<bpmn:startEvent id="Start" />
    <bpmn:serviceTask id="Outcomes" camunda:type="external" camunda:topic="outcomes" />
    <bpmn:boundaryEvent id="Declined" attachedToRef="Outcomes"><bpmn:errorEventDefinition errorRef="E_card" /></bpmn:boundaryEvent>
    <bpmn:endEvent id="EndDeclined" />`,
  ['Start->Outcomes', 'Declined->EndDeclined'],
).replace('isExecutable="true"', 'isExecutable="true" camunda:versionTag="gold"');
const WAITING = bpmn(
  'waiting',
  `<bpmn:startEvent id="Start" />
    <bpmn:intermediateCatchEvent id="Paid"><bpmn:messageEventDefinition messageRef="M_paid" /></bpmn:intermediateCatchEvent>`,
  ['Start->Paid'],
);

const NAME = 'camunda7-python';

describe('camunda-external-task-client-python3', { skip: skipWithout(NAME) }, () => {
  it('starts instances, completes, fails, throws and correlates', async (t) => {
    const system = await startSystem();
    t.after(() => system.stop());
    await system.deploy({ 'v.bpmn': VALUES, 'o.bpmn': OUTCOMES, 'w.bpmn': WAITING });
    const program = sourceOf(`${NAME}/judge_worker.py`);
    const worker = new Program(t, installed(`${NAME}/bin/python`), ['-B', program, `${system.url}/engine-rest`]);
    const rows = (begin: string) => worker.lines.filter((line) => line.startsWith(begin));

    assert.match(await worker.told('jobs '), /^\d$/);
    const id = await idOf('values', 'py');
    assert.equal(await ended(system, id), 'COMPLETED');
    assert.deepEqual(rows('given '), [
      'given doc NoneType None',
      'given large int 5000000000',
      'given ratio float 0.25',
      "given text str 'Ulm'",
      'given whole int 3',
      'given yes bool False',
    ]);
    assert.equal(await worker.told('typed '), "{'type': 'Long', 'value': 5000000000, 'valueInfo': {}}");
    assert.equal(await worker.told('task '), 'Values py None kg');
    assert.equal(await worker.told('file '), 'aGk=');
    const { whole, ratio, yes, text, nothing, lines, large, when, bill } = await variablesOf(system, id);
    assert.deepEqual(
      { whole, ratio, yes, text, nothing, lines, large, when, bill },
      {
        whole: ['Integer', 7],
        ratio: ['Double', 0.5],
        yes: ['Boolean', true],
        text: ['String', 'Grüße'],
        nothing: ['Null', null],
        lines: ['Json', '[1,"two"]'],
        large: ['Long', 5_000_000_000],
        when: ['Date', '2026-01-15T10:30:00.000+0000'],
        bill: ['File', null],
      },
    );

    const [key, versioned = ''] = (await worker.told('started ')).split(' ');
    assert.deepEqual([key, await ended(system, versioned)], ['versioned', 'COMPLETED']);
    assert.deepEqual(rows('attempt '), ['attempt 1 card', 'attempt 2 card']);
    assert.deepEqual(await visited(system, versioned, 'noneEndEvent'), ['EndDeclined']);
    assert.deepEqual((await variablesOf(system, versioned))['limit'], ['Integer', 1000]);
    assert.equal(await worker.told('instances '), '1');

    const [resultType, waiting = ''] = (await worker.told('correlated ')).split(' ');
    assert.equal(resultType, 'Execution');
    assert.equal(await ended(system, waiting), 'COMPLETED');
    assert.deepEqual(rows('refused '), [
      'refused complete received 404 : RestException : External task with id 999999999 does not exist',
      'refused failure received 404 : RestException : External task with id 999999999 does not exist',
      `refused bpmn_failure 404 Client Error: Not Found for url: ${system.url}/engine-rest/external-task/999999999/bpmnError`,
      'refused start_process received 404 : RestException : No matching process definition with key: nothing and no tenant-id',
      "refused correlate_message received 400 : RestException : Cannot correlate message 'nobody': No process definition or execution matches the parameters",
    ]);
    assert.deepEqual(rows('ERROR'), []);

    async function idOf(definition: string, businessKey: string): Promise<string> {
      const path = `/engine-rest/history/process-instance?processDefinitionKey=${definition}&processInstanceBusinessKey=${businessKey}`;
      const [instance] = await system.get<{ id: string }[]>(path);
      assert.ok(instance);
      return instance.id;
    }
  });
});
