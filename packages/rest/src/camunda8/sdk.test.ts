/** Programs on the published SDK of Camunda 8.8: one that works off a task list, and one that looks after what runs. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Camunda8 } from '@camunda8/sdk';
import { job, zeebe } from '../testing/camunda8.test.ts';
import { type System, startSystem } from '../testing/real-kernel.test.ts';

const LEAVE = zeebe(
  'leave',
  `<bpmn:startEvent id="Start" />
   <bpmn:userTask id="Approve" name="Approve"><bpmn:extensionElements><zeebe:userTask />
     <zeebe:assignmentDefinition candidateGroups="bosses" />
     <zeebe:taskSchedule dueDate="=due" />
   </bpmn:extensionElements></bpmn:userTask>
   ${job('Book', 'book')}<bpmn:endEvent id="End" />`,
  ['Start->Approve', 'Approve->Book', 'Book->End'],
);
const PRICE = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="prices" name="Prices" namespace="http://example.org">
  <decision id="price" name="Price"><variable name="price" /><literalExpression><text>amount * 2</text></literalExpression></decision>
</definitions>`;

describe('the SDK of Camunda 8.8', () => {
  let system: System;
  let camunda: ReturnType<Camunda8['getCamundaRestClient']>;

  before(async () => {
    system = await startSystem();
    const sdk = new Camunda8({
      ZEEBE_REST_ADDRESS: system.url,
      CAMUNDA_AUTH_STRATEGY: 'NONE',
      CAMUNDA_OAUTH_DISABLED: true,
      CAMUNDA_LOG_LEVEL: 'none',
    });
    camunda = sdk.getCamundaRestClient();
    await camunda.deployResources([
      { name: 'leave.bpmn', content: LEAVE },
      { name: 'price.dmn', content: PRICE },
    ]);
    for (let day = 1; day <= 5; day++)
      await camunda.createProcessInstance({
        processDefinitionId: 'leave',
        variables: { due: `2031-01-0${day}T08:00:00Z`, who: `w${day}`, day },
      });
  });
  after(() => system.stop());

  it('works off a task list: what is due first, claimed, looked at, completed; page after page', async () => {
    const done: string[] = [];
    for (;;) {
      const { items } = await camunda.searchUserTasks({
        filter: { state: 'CREATED', candidateGroup: 'bosses', assignee: { $exists: false } },
        sort: [{ field: 'dueDate', order: 'ASC' }],
        page: { from: 0, limit: 2 },
      });
      const [task] = items;
      if (task === undefined) break;
      const { userTaskKey } = task;
      await camunda.assignUserTask({ userTaskKey, assignee: 'boss', allowOverride: false });
      const seen = await camunda.searchUserTaskVariables({ userTaskKey, filter: { name: 'who' } });
      done.push(JSON.parse(seen.items[0]?.value ?? 'null'));
      const taken = await camunda.getUserTask(userTaskKey);
      assert.equal(taken.assignee, 'boss');
      await camunda.completeUserTask({ userTaskKey, variables: { granted: true } });
    }
    assert.deepEqual(done, ['w1', 'w2', 'w3', 'w4', 'w5']);
    const over = await camunda.searchUserTasks({ filter: { state: 'COMPLETED', assignee: 'boss' } });
    assert.equal(Number(over.page.totalItems), 5);
  });

  it('looks after what runs: instances, where they stand, what failed and why, and their variables', async () => {
    const definitions = await camunda.searchProcessDefinitions({ filter: { processDefinitionId: 'leave' } });
    const processDefinitionKey = definitions.items[0]?.processDefinitionKey ?? '';
    assert.match(await camunda.getProcessDefinitionXML(processDefinitionKey), /<bpmn:process id="leave"/);
    const [locked] = await camunda.activateJobs({ type: 'book', worker: 'w', timeout: 60_000, maxJobsToActivate: 1 });
    assert.ok(locked);
    await camunda.failJob({ jobKey: locked.jobKey, retries: 0, errorMessage: 'no rooms left', retryBackOff: 0 });
    const open = await camunda.searchIncidents({ filter: { state: 'ACTIVE', errorType: 'JOB_NO_RETRIES' } });
    const [incident] = open.items;
    assert.deepEqual(
      [open.items.length, incident?.errorMessage, incident?.elementId, incident?.jobKey, incident?.processInstanceKey],
      [1, 'no rooms left', 'Book', locked.jobKey, locked.processInstanceKey],
    );
    const troubled = await camunda.searchProcessInstances({
      // Its types do not know all that the API has.
      filter: { processDefinitionKey, hasIncident: true } as never,
      sort: [{ field: 'startDate', order: 'DESC' }],
    });
    assert.deepEqual(
      troubled.items.map(({ processInstanceKey }) => processInstanceKey),
      [locked.processInstanceKey],
    );
    const { processInstanceKey } = locked;
    const elements = await camunda.searchElementInstances({ filter: { processInstanceKey, hasIncident: true } });
    const [element] = elements.items;
    assert.deepEqual([element?.elementId, element?.incidentKey], ['Book', incident?.incidentKey]);
    assert.equal((await camunda.getElementInstance(element?.elementInstanceKey ?? '')).elementId, 'Book');
    const variables = await camunda.searchVariables({ filter: { processInstanceKey, name: 'granted' } });
    const [variable] = variables.items;
    assert.equal(String(variable?.value), 'true');
    const one = await camunda.getVariable({ variableKey: variable?.variableKey ?? '' });
    assert.equal(String(one.value), 'true');
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = cursor === undefined ? { from: 0, limit: 2 } : { from: 0, limit: 2, after: cursor };
      const found = await camunda.searchProcessInstances({ filter: { processDefinitionKey }, page });
      seen.push(...found.items.map((one) => one.processInstanceKey));
      if (found.items.length === 0) break;
      cursor = (found.page as unknown as { readonly endCursor: string }).endCursor;
    }
    assert.equal(new Set(seen).size, 5);
  });

  it('asks for a decision', async () => {
    const answer = await camunda.evaluateDecision({ decisionDefinitionId: 'price', variables: { amount: 21 } });
    assert.equal(answer.output, '42');
  });
});
