/** What bpmnlint finds comes as warnings, with the line, and does not keep a model from being deployed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readProcesses } from '../read/processes.ts';

const XML = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d">
  <process id="p" isExecutable="true">
    <startEvent id="s" />
    <task id="t" />
    <sequenceFlow id="f" sourceRef="s" targetRef="t" />
  </process>
</definitions>`;

test('a flow that ends in a task is shown as a warning and deployed', async () => {
  const { processes, problems } = await readProcesses(XML);
  assert.equal(processes.length, 1);
  assert.deepEqual(
    problems.map(({ severity, rule, line, elementId }) => [severity, rule, line, elementId]),
    [
      ['warning', 'bpmnlint/end-event-required', 2, 'p'],
      ['warning', 'bpmnlint/no-implicit-end', 4, 't'],
    ],
  );
});

test('two files with the same flow ids do not disturb each other', async () => {
  const first = await readProcesses(XML);
  const second = await readProcesses(XML);
  assert.deepEqual(second.problems, first.problems);
});
