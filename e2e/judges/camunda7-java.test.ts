/** The published Java client for external tasks (org.camunda.bpm:camunda-external-task-client), unmodified, against the real engine. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bpmn, startSystem } from '../../packages/rest/src/testing/real-kernel.test.ts';
import { ended, start, variablesOf, visited } from './camunda7.ts';
import { javaProgram, skipWithoutJava } from './maven.ts';

const VALUES = bpmn(
  'values',
  `<bpmn:startEvent id="Start" />
    <bpmn:serviceTask id="Values" camunda:type="external" camunda:topic="values" />
    <bpmn:exclusiveGateway id="Which" default="toEnd" />
    <bpmn:endEvent id="End" />
    <bpmn:serviceTask id="Back" camunda:type="external" camunda:topic="back" />
    <bpmn:sequenceFlow id="toEnd" sourceRef="Which" targetRef="End" />
    <bpmn:sequenceFlow id="toBack" sourceRef="Which" targetRef="Back">
      <bpmn:conditionExpression>\${urgent}</bpmn:conditionExpression>
    </bpmn:sequenceFlow>`,
  ['Start->Values', 'Values->Which'],
);
const OUTCOMES = bpmn(
  'outcomes',
  `<bpmn:startEvent id="Start" />
    <bpmn:serviceTask id="Outcomes" camunda:type="external" camunda:topic="outcomes" />
    <bpmn:boundaryEvent id="Declined" attachedToRef="Outcomes"><bpmn:errorEventDefinition errorRef="E_card" /></bpmn:boundaryEvent>
    <bpmn:endEvent id="EndDeclined" />`,
  ['Start->Outcomes', 'Declined->EndDeclined'],
);
const LOCKS = bpmn(
  'locks',
  `<bpmn:startEvent id="Start" /><bpmn:serviceTask id="Locks" camunda:type="external" camunda:topic="locks" />`,
  ['Start->Locks'],
);
const FILTERED = bpmn(
  'filtered',
  `<bpmn:startEvent id="Start" />
    <bpmn:serviceTask id="Filtered" camunda:type="external" camunda:topic="filtered" camunda:taskPriority="7">
      <bpmn:extensionElements><camunda:properties><camunda:property name="unit" value="kg" /></camunda:properties></bpmn:extensionElements>
    </bpmn:serviceTask>`,
  ['Start->Filtered'],
).replace('isExecutable="true"', 'isExecutable="true" camunda:versionTag="gold"');

const PROJECT = 'camunda7-java';

describe('org.camunda.bpm:camunda-external-task-client', { skip: skipWithoutJava(PROJECT) }, () => {
  it('fetches, reads and writes every typed value, fails, throws, locks and unlocks', async (t) => {
    const system = await startSystem();
    t.after(() => system.stop());
    await system.deploy({ 'v.bpmn': VALUES, 'o.bpmn': OUTCOMES, 'l.bpmn': LOCKS });
    const form = new FormData();
    form.append('tenant-id', 'north');
    form.append('f.bpmn', new Blob([FILTERED]), 'f.bpmn');
    const deployed = await fetch(`${system.url}/engine-rest/deployment/create`, { method: 'POST', body: form });
    assert.equal(deployed.status, 200);
    const worker = javaProgram(t, PROJECT, 'JudgeWorker', [`${system.url}/engine-rest`]);
    await worker.told('ready');

    await t.test('values', async () => {
      const list = {
        objectTypeName: 'java.util.ArrayList<java.lang.Object>',
        serializationDataFormat: 'application/json',
      };
      const variables = {
        text: { type: 'String', value: 'Ulm' },
        whole: { type: 'Integer', value: 3 },
        large: { type: 'Long', value: 5_000_000_000 },
        ratio: { type: 'Double', value: 0.5 },
        yes: { type: 'Boolean', value: true },
        when: { type: 'Date', value: '2026-01-15T11:30:00.000+0100' },
        raw: { type: 'Bytes', value: 'AP8B' },
        data: { type: 'Json', value: '{"a":[1]}' },
        mark: { type: 'Xml', value: '<a/>' },
        nothing: { type: 'Null', value: null },
        doc: {
          type: 'File',
          value: 'aGk=',
          valueInfo: { filename: 'a.txt', mimeType: 'text/plain', encoding: 'UTF-8' },
        },
        lines: { type: 'Object', value: '[1,"two"]', valueInfo: list },
      };
      const id = await start(system, 'values', { variables });
      assert.equal(await ended(system, id), 'COMPLETED', worker.lines.join('\n'));
      const given = worker.lines.filter((line) => line.startsWith('given ')).map((line) => line.slice(6));
      assert.deepEqual(given, [
        'data json {"a":[1]}',
        'doc file hi',
        'large long 5000000000',
        'lines object [1, two]',
        'mark xml <a/>',
        'nothing null null',
        'ratio double 0.5',
        'raw bytes AP8B',
        'text string Ulm',
        'when date 2026-01-15T10:30:00Z',
        'whole integer 3',
        'yes boolean true',
      ]);
      const {
        short,
        integer,
        long,
        double,
        boolean,
        string,
        date,
        bytes,
        noText,
        json,
        xml,
        list: kept,
        file,
        early,
      } = await variablesOf(system, id);
      assert.deepEqual(
        { short, integer, long, double, boolean, string, date, bytes, noText, json, xml, kept, file, early },
        {
          short: ['Short', -7],
          integer: ['Integer', -2_147_483_648],
          long: ['Long', Number.MAX_SAFE_INTEGER],
          double: ['Double', 0.1],
          boolean: ['Boolean', true],
          string: ['String', 'Grüße'],
          date: ['Date', '2026-01-15T10:30:00.000+0000'],
          bytes: ['Bytes', 'AP8B'],
          noText: ['String', null],
          json: ['Json', '{"a":[1]}'],
          xml: ['Xml', '<a/>'],
          kept: ['Object', '["one","two"]'],
          file: ['File', null],
          early: ['Integer', 1],
        },
      );
      assert.equal(await worker.told('file '), 'bill.txt text/plain UTF-8 5 €');
      assert.equal(await worker.told('bytes '), 'AP8B');
      assert.equal(await worker.told('date '), 'true');
      assert.equal(await worker.told('list '), 'true');
      assert.equal((await worker.told('names ')).includes('urgent'), false);
    });

    await t.test('outcomes', async () => {
      const id = await start(system, 'outcomes');
      assert.equal(await worker.told('again '), '2 no why 1');
      assert.equal(await ended(system, id), 'COMPLETED');
      assert.deepEqual(await visited(system, id, 'noneEndEvent'), ['EndDeclined']);
      const { attempt, limit } = await variablesOf(system, id);
      assert.deepEqual(
        [attempt, limit],
        [
          ['Integer', 1],
          ['Integer', 1000],
        ],
      );
    });

    await t.test('locks and refusals', async () => {
      const id = await start(system, 'locks');
      assert.equal(await ended(system, id), 'COMPLETED', worker.lines.join('\n'));
      assert.deepEqual(
        worker.lines.filter((line) => line.startsWith('refused ')),
        [
          'refused extendLock NotFoundException 404 RestException 0',
          'refused complete NotFoundException 404 RestException 0',
          'refused setVariables EngineException 500 RestException 0',
          'refused handleBpmnError BadRequestException 400 RestException 0',
          'refused lock BadRequestException 400 RestException 0',
        ],
      );
    });

    await t.test('a subscription with filters', async () => {
      for (const [businessKey, place] of [
        ['wrong', 'Bonn'],
        ['right', 'Ulm'],
      ]) {
        const variables = { place: { value: place }, own: { value: 1 } };
        await start(system, 'filtered', { businessKey, variables }, 'north');
      }
      assert.equal(await worker.told('filtered '), 'right north gold kg 7 {own=1} true');
    });
    assert.deepEqual(
      worker.lines.filter((line) => line.startsWith('ERROR')),
      [],
    );
  });
});
