/** Deployments of Camunda 8: what each file becomes, what is not deployed twice, what is refused, read back and deleted. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CamundaClient } from '@camunda8/orchestration-cluster-api';
import { camunda8Client, zeebe } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';

const ONE = zeebe(
  'one',
  `<bpmn:startEvent id="s"><bpmn:extensionElements><zeebe:formDefinition formId="ask" /></bpmn:extensionElements></bpmn:startEvent><bpmn:endEvent id="e" />`,
  ['s->e'],
);
const TWO = zeebe('two', '<bpmn:startEvent id="s" /><bpmn:endEvent id="e" />', ['s->e']);
const FORM = JSON.stringify({ id: 'ask', type: 'default', versionTag: 'a', components: [] });
const DMN = `<?xml version="1.0"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="graph" name="The graph" namespace="http://example.org">
  <decision id="price" name="Price"><variable name="price" /><literalExpression><text>base * 2</text></literalExpression>
    <informationRequirement><requiredDecision href="#base" /></informationRequirement></decision>
  <decision id="base" name="Base"><variable name="base" /><literalExpression><text>21</text></literalExpression></decision>
</definitions>`;

describe('deployments of Camunda 8', () => {
  let system: System;
  let client: CamundaClient;
  before(async () => {
    system = await startSystem();
    client = camunda8Client(system.url);
  });
  after(() => system.stop());

  const deploy = (files: Readonly<Record<string, string>>) => {
    const resources = Object.entries(files).map(([name, content]) => new File([content], name));
    return client.createDeployment({ resources } as never);
  };
  const refusal = (asked: Promise<unknown>) =>
    asked.then(
      () => assert.fail('it was accepted'),
      ({ status, title, detail }) => ({ status, title, detail: String(detail) }),
    );
  const post = async (form: FormData) => {
    const response = await fetch(`${system.url}/v2/deployments`, { method: 'POST', body: form });
    return `${response.status} ${((await response.json()) as { detail: string }).detail}`;
  };

  it('has a row for each process, decision, decision file, form and other file', async () => {
    const { deployments, processes, decisions, decisionRequirements, forms, resources } = await deploy({
      'one.bpmn': ONE,
      'graph.dmn': DMN,
      'ask.form': FORM,
      'notes.txt': 'hello',
    });
    assert.equal(deployments.length, 6);
    const [process, form, resource, drg] = [processes[0], forms[0], resources[0], decisionRequirements[0]];
    assert.deepEqual(
      [process?.processDefinitionId, process?.processDefinitionVersion, process?.resourceName],
      ['one', 1, 'one.bpmn'],
    );
    assert.deepEqual(
      decisions.map(({ decisionDefinitionId, name, version }) => [decisionDefinitionId, name, version]).sort(),
      [
        ['base', 'Base', 1],
        ['price', 'Price', 1],
      ],
    );
    assert.deepEqual(
      [drg?.decisionRequirementsId, drg?.decisionRequirementsName, drg?.version],
      ['graph', 'The graph', 1],
    );
    assert.ok(
      decisions.every(({ decisionRequirementsKey }) => decisionRequirementsKey === drg?.decisionRequirementsKey),
    );
    assert.deepEqual([form?.formId, form?.version, form?.tenantId], ['ask', 1, '<default>']);
    assert.deepEqual([resource?.resourceId, resource?.version], ['notes.txt', 1]);

    const { state, ...definition } = await client.getProcessDefinition(
      { processDefinitionKey: process?.processDefinitionKey as never },
      { consistency: { waitUpToMs: 0 } },
    );
    assert.deepEqual([state, definition.hasStartForm, definition.name], ['ACTIVE', true, 'Process one']);
    const xml = await client.getProcessDefinitionXml(
      { processDefinitionKey: process?.processDefinitionKey as never },
      { consistency: { waitUpToMs: 0 } },
    );
    assert.equal(xml, ONE);
    const startForm = await client.getStartProcessForm(
      { processDefinitionKey: process?.processDefinitionKey as never },
      { consistency: { waitUpToMs: 0 } },
    );
    assert.deepEqual(startForm, {
      tenantId: '<default>',
      formId: 'ask',
      schema: FORM,
      version: 1,
      formKey: form?.formKey,
    });
    const content = await client.getResourceContent({ resourceKey: resource?.resourceKey as never });
    assert.equal(content, 'hello');
    for (const key of [
      form?.formKey,
      drg?.decisionRequirementsKey,
      decisions[0]?.decisionDefinitionKey,
      process?.processDefinitionKey,
    ]) {
      const found = await client.getResource({ resourceKey: key as never });
      assert.deepEqual([found.resourceKey, found.version], [key, 1]);
    }
  });

  it('makes a new version only where something is new, and then of all files together', async () => {
    const first = await deploy({ 'two.bpmn': TWO, 'graph.dmn': DMN.replace('21', '22') });
    const again = await deploy({ 'two.bpmn': TWO, 'graph.dmn': DMN.replace('21', '22') });
    assert.deepEqual(again, first);
    const alone = await deploy({ 'two.bpmn': TWO });
    assert.deepEqual(alone.processes, first.processes);
    const changed = await deploy({ 'two.bpmn': TWO, 'graph.dmn': DMN.replace('21', '23') });
    assert.deepEqual(
      [changed.processes[0]?.processDefinitionVersion, changed.decisionRequirements[0]?.version],
      [2, 3],
    );
    const back = await deploy({ 'graph.dmn': DMN.replace('21', '22') });
    assert.equal(back.decisionRequirements[0]?.version, 4, 'an older one deployed again is the latest again');
    const renamed = await deploy({ 'zwei.bpmn': TWO });
    assert.equal(renamed.processes[0]?.processDefinitionVersion, 3, 'the name of the file counts');
    const form = { 'ask.form': FORM.replace('"a"', '"b"') };
    const versions = [await deploy(form), await deploy(form)].map(({ forms }) => forms[0]?.version);
    assert.deepEqual(versions, [2, 2]);
  });

  it('is refused whole, with every finding', async () => {
    const broken = zeebe('broken', '<bpmn:startEvent id="s" /><bpmn:serviceTask id="t" />', ['s->t']);
    const refused = await refusal(deploy({ 'three.bpmn': TWO.replaceAll('two', 'three'), 'broken.bpmn': broken }));
    assert.deepEqual([refused.status, refused.title], [400, 'INVALID_ARGUMENT']);
    assert.match(refused.detail, /Nothing was deployed\. 'broken\.bpmn' \(element t, line \d+\): /);
    const none = await refusal(client.createProcessInstance({ processDefinitionId: 'three' as never }));
    assert.equal(none.status, 404);
  });

  it('says what is wrong with a form', async () => {
    const form = new FormData();
    assert.match(await post(form), /^400 'resources' must have at least one file$/);
    form.append('resources', 'text');
    assert.match(await post(form), /^400 Each part 'resources' must have a file name, but one has none$/);
    const twice = new FormData();
    for (const _ of [1, 2]) twice.append('resources', new Blob([TWO]), 'two.bpmn');
    assert.match(await post(twice), /two are called 'two.bpmn'/);
    const other = new FormData();
    other.append('files', new Blob([TWO]), 'two.bpmn');
    assert.match(await post(other), /but one is called 'files'/);
    const json = await fetch(`${system.url}/v2/deployments`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(json.status, 415);
  });

  it('belongs to its tenant', async () => {
    const files = { resources: [new File([TWO], 'two.bpmn')], tenantId: 'acme' };
    const { tenantId, processes } = await client.createDeployment(files as never);
    assert.deepEqual([tenantId, processes[0]?.tenantId, processes[0]?.processDefinitionVersion], ['acme', 'acme', 1]);
    const started = await client.createProcessInstance({
      processDefinitionId: 'two' as never,
      tenantId: 'acme' as never,
    });
    assert.equal(started.tenantId, 'acme');
  });

  it('is deleted by the key of a process definition, after which the version before is the latest', async () => {
    const four = (name: string) => deploy({ 'four.bpmn': TWO.replaceAll('two', 'four').replace('Process four', name) });
    const [, second] = [await four('First'), await four('Second')];
    const key = second.processes[0]?.processDefinitionKey as never;
    assert.deepEqual(await client.deleteResource({ resourceKey: key }), { resourceKey: key, batchOperation: null });
    assert.equal((await refusal(client.deleteResource({ resourceKey: key }))).status, 404);
    const started = await client.createProcessInstance({ processDefinitionId: 'four' as never });
    assert.equal(started.processDefinitionVersion, 1);
    const [only] = (await deploy({ 'five.bpmn': TWO.replaceAll('two', 'five') })).processes;
    await client.deleteResource({ resourceKey: only?.processDefinitionKey as never });
    const [again] = (await deploy({ 'five.bpmn': TWO.replaceAll('two', 'five') })).processes;
    assert.notEqual(again?.processDefinitionKey, only?.processDefinitionKey, 'what was deleted is deployed anew');
  });

  it('of decisions is deleted with their file, of forms and files where it has no other', async () => {
    const { decisionRequirements } = await deploy({
      'gone.dmn': DMN.replace('"graph"', '"gone"').replaceAll('base', 'b').replaceAll('price', 'p'),
    });
    const key = decisionRequirements[0]?.decisionRequirementsKey as never;
    await client.deleteResource({ resourceKey: key });
    assert.equal((await refusal(client.getResource({ resourceKey: key }))).status, 404);
    const mixed = await deploy({
      'five.bpmn': TWO.replaceAll('two', 'five'),
      'mixed.dmn': DMN.replace('"graph"', '"mixed"').replaceAll('base', 'mb').replaceAll('price', 'mp'),
    });
    await client.deleteResource({ resourceKey: mixed.decisionRequirements[0]?.decisionRequirementsKey as never });
    for (const { decisionDefinitionKey } of mixed.decisions)
      assert.equal((await refusal(client.getResource({ resourceKey: decisionDefinitionKey as never }))).status, 404);
    await client.createProcessInstance({ processDefinitionId: 'five' as never });
    const { forms } = await deploy({ 'ask.form': FORM.replace('"a"', '"c"'), 'more.txt': 'x' });
    const refused = await refusal(client.deleteResource({ resourceKey: forms[0]?.formKey as never }));
    assert.deepEqual([refused.status, refused.title], [501, 'NOT_IMPLEMENTED']);
  });
});
