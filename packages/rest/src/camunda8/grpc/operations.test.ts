/** What is deployed and done over gRPC beside jobs: files, changes of instances, messages, signals, conditions, decisions. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { job, zeebe as model } from '../../testing/camunda8.test.ts';
import { type System, startSystem } from '../../testing/real-kernel.test.ts';
import { connect, type Message, refused, type Zeebe } from './testing/zeebe.test.ts';

const STEPS = model(
  'steps',
  `<bpmn:startEvent id="s" />${job('a', 'a')}
   <bpmn:subProcess id="sub"><bpmn:startEvent id="s2" />${job('b', 'b')}<bpmn:sequenceFlow id="g" sourceRef="s2" targetRef="b" /></bpmn:subProcess>
   ${job('c', 'c')}`,
  ['s->a', 'a->sub', 'sub->c'],
);
const CATCH = model(
  'catch',
  `<bpmn:startEvent id="s" />
   <bpmn:intermediateCatchEvent id="m"><bpmn:messageEventDefinition messageRef="M_paid" /></bpmn:intermediateCatchEvent>
   <bpmn:intermediateCatchEvent id="g"><bpmn:signalEventDefinition signalRef="S_stop" /></bpmn:intermediateCatchEvent>`,
  ['s->m', 'm->g'],
);
const HOT = model(
  'hot',
  `<bpmn:startEvent id="s"><bpmn:conditionalEventDefinition><bpmn:condition xsi:type="bpmn:tFormalExpression">=degrees &gt; 30</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:startEvent>
   ${job('t', 'cool')}`,
  ['s->t'],
);
const FORM = JSON.stringify({ id: 'ask', type: 'default', components: [] });
const DMN = `<?xml version="1.0"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="menu" name="Menu" namespace="http://example.org">
  <decision id="dish" name="Dish"><variable name="dish" />
    <decisionTable hitPolicy="UNIQUE">
      <input id="i1" label="Season"><inputExpression typeRef="string"><text>season</text></inputExpression></input>
      <output id="o1" name="dish" typeRef="string" />
      <rule id="salad"><inputEntry><text>"summer"</text></inputEntry><outputEntry><text>"Salad"</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <decision id="broken" name="Broken"><variable name="broken" /><literalExpression><text>count(for i in 1..9999999 return i)</text></literalExpression></decision>
</definitions>`;

describe('operations over gRPC', () => {
  let system: System;
  let client: Zeebe;
  before(async () => {
    system = await startSystem({ grpc: true });
    await system.kernel.ready;
    client = connect(system.grpc);
    await deploy({ 'steps.bpmn': STEPS, 'catch.bpmn': CATCH, 'hot.bpmn': HOT });
  });
  after(async () => {
    client.close();
    await system.stop();
  });

  function deploy(files: Readonly<Record<string, string>>, more: object = {}): Promise<Message> {
    const resources = Object.entries(files).map(([name, content]) => ({ name, content: Buffer.from(content) }));
    return client.call('DeployResource', { resources, ...more });
  }
  const start = async (bpmnProcessId: string, variables: object = {}): Promise<string> => {
    const created = { bpmnProcessId, version: -1, variables: JSON.stringify(variables) };
    return (await client.call('CreateProcessInstance', created))['processInstanceKey'];
  };
  /** Element ids and keys of what is active. */
  const active = async (key: string): Promise<Record<string, string>> => {
    const rows = await system.get<{ activityId: string; id: string; activityType: string }[]>(
      `/engine-rest/history/activity-instance?processInstanceId=${key}&unfinished=true`,
    );
    return Object.fromEntries(rows.map(({ activityId, id }) => [activityId, id.replace(/^.*:/, '')]));
  };
  const variables = async (key: string): Promise<Record<string, unknown>> => {
    const rows = await system.get<{ name: string; value: unknown; activityInstanceId: string }[]>(
      `/engine-rest/variable-instance?processInstanceIdIn=${key}`,
    );
    return Object.fromEntries(
      rows.map(({ name, value, activityInstanceId }) => [
        `${activityInstanceId === key ? '' : 'local '}${name}`,
        value,
      ]),
    );
  };

  it('files become processes, decisions, their requirements and forms', async () => {
    const { key, tenantId, deployments } = await deploy({ 'menu.dmn': DMN, 'ask.form': FORM, 'notes.txt': 'x' });
    assert.match(key, /^\d+$/);
    assert.equal(tenantId, '<default>');
    const shapes = (deployments as Message[]).map((one) => Object.keys(one)[0]);
    assert.deepEqual(shapes, ['decision', 'decision', 'decisionRequirements', 'form'], 'no word for other files');
    const { decisionKey, decisionRequirementsKey, ...decision } = deployments[0].decision;
    assert.match(`${decisionKey} ${decisionRequirementsKey}`, /^\d+ \d+$/);
    assert.deepEqual(decision, {
      dmnDecisionId: 'dish',
      dmnDecisionName: 'Dish',
      version: 1,
      dmnDecisionRequirementsId: 'menu',
      tenantId: '<default>',
    });
    const { formKey, ...form } = deployments[3].form;
    assert.match(formKey, /^\d+$/);
    assert.deepEqual(form, { formId: 'ask', version: 1, resourceName: 'ask.form', tenantId: '<default>' });
    assert.equal((await deploy({ 'steps.bpmn': STEPS }, { tenantId: 'acme' }))['tenantId'], 'acme');
    await refused('INVALID_ARGUMENT', /at least one file/, deploy({}));
    await refused('INVALID_ARGUMENT', /Nothing was deployed. 'x.bpmn'/, deploy({ 'x.bpmn': '<x>' }));
  });

  it('the older call for processes does the same', async () => {
    const definition = Buffer.from(STEPS.replaceAll('"steps"', '"older"'));
    const { processes } = await client.call('DeployProcess', { processes: [{ name: 'older.bpmn', definition }] });
    assert.deepEqual([processes.length, processes[0].bpmnProcessId, processes[0].version], [1, 'older', 1]);
  });

  it('a process instance is modified: begun elsewhere, ended, moved', async () => {
    const key = await start('steps');
    const modify = (more: object) => client.call('ModifyProcessInstance', { processInstanceKey: key, ...more });
    const { a } = await active(key);
    await modify({
      activateInstructions: [
        {
          elementId: 'b',
          variableInstructions: [{ variables: '{"root":1}' }, { variables: '{"own":2}', scopeId: 'b' }],
        },
      ],
      terminateInstructions: [{ elementInstanceKey: a }],
    });
    const { sub, b } = await active(key);
    assert.deepEqual(Object.keys(await active(key)).sort(), ['b', 'sub']);
    assert.deepEqual(await variables(key), { root: 1, 'local own': 2 });
    await modify({ activateInstructions: [{ elementId: 'b', ancestorElementInstanceKey: sub }] });
    await modify({ terminateInstructions: [{ elementInstanceKey: b }] });
    assert.deepEqual(Object.keys(await active(key)).sort(), ['b', 'sub']);
    await modify({ moveInstructions: [{ sourceElementId: 'b', targetElementId: 'c' }] });
    assert.deepEqual(Object.keys(await active(key)), ['c']);
    await refused('INVALID_ARGUMENT', /none has/, modify({}));
    await refused(
      'INVALID_ARGUMENT',
      /variables/,
      modify({ activateInstructions: [{ elementId: 'a', variableInstructions: [{ variables: '{' }] }] }),
    );
    await refused(
      'NOT_FOUND',
      /no running/,
      modify({ processInstanceKey: '1', terminateInstructions: [{ elementId: 'c' }] }),
    );
  });

  it('a process instance is migrated', async () => {
    const key = await start('steps');
    const renamed = STEPS.replaceAll('"steps"', '"moved"').replaceAll('"a"', '"a2"');
    const { deployments } = await deploy({ 'moved.bpmn': renamed });
    const targetProcessDefinitionKey = deployments[0].process.processDefinitionKey;
    const migrate = (mappingInstructions: object[]) =>
      client.call('MigrateProcessInstance', {
        processInstanceKey: key,
        migrationPlan: { targetProcessDefinitionKey, mappingInstructions },
      });
    await refused('FAILED_PRECONDITION', /'a' is active and not mapped/, migrate([]));
    const unknown = migrate([{ sourceElementId: 'a', targetElementId: 'nowhere' }]);
    await refused('INVALID_ARGUMENT', /'nowhere' does not exist/, unknown);
    await migrate([{ sourceElementId: 'a', targetElementId: 'a2' }]);
    assert.deepEqual(Object.keys(await active(key)), ['a2']);
    await refused(
      'INVALID_ARGUMENT',
      /'migrationPlan'/,
      client.call('MigrateProcessInstance', { processInstanceKey: key }),
    );
  });

  it('variables are set where they are found, or exactly there', async () => {
    const key = await start('steps', { n: 1 });
    const { a } = await active(key);
    const set = (elementInstanceKey: string | undefined, text: string, local: boolean) =>
      client.call('SetVariables', { elementInstanceKey, variables: text, local });
    assert.match((await set(a, '{"n":2}', false))['key'], /^\d+$/);
    await set(a, '{"n":3,"m":4}', true);
    assert.deepEqual(await variables(key), { n: 2, 'local n': 3, 'local m': 4 });
    await refused('NOT_FOUND', /./, set('1', '{}', false));
    await refused('INVALID_ARGUMENT', /'variables'/, set(a, 'no', false));
  });

  it('a message is published once under its id, a signal reaches who waits', async () => {
    const key = await start('catch', { order: 'o-1' });
    const message = {
      name: 'paid',
      correlationKey: 'o-1',
      variables: '{"sum":5}',
      messageId: 'm-1',
      timeToLive: 60_000,
    };
    assert.match((await client.call('PublishMessage', message))['key'], /^\d+$/);
    await refused('ALREADY_EXISTS', /./, client.call('PublishMessage', message));
    assert.deepEqual(Object.keys(await active(key)), ['g']);
    assert.equal((await variables(key))['sum'], 5);
    const { tenantId } = await client.call('BroadcastSignal', { signalName: 'stop', variables: '{"why":"late"}' });
    assert.equal(tenantId, '<default>');
    assert.deepEqual(await active(key), {});
    await refused('INVALID_ARGUMENT', /'name'/, client.call('PublishMessage', {}));
    await refused('INVALID_ARGUMENT', /'signalName'/, client.call('BroadcastSignal', {}));
  });

  it('conditions start what waits for them', async () => {
    const { processInstances } = await client.call('EvaluateConditional', { variables: '{"degrees":35}' });
    assert.equal(processInstances.length, 1);
    assert.deepEqual(Object.keys(await active(processInstances[0].processInstanceKey)), ['t']);
    const cold = await client.call('EvaluateConditional', { variables: '{"degrees":3}' });
    assert.deepEqual(cold['processInstances'], []);
  });

  it('a decision is evaluated, and says how', async () => {
    await deploy({ 'menu.dmn': DMN });
    const evaluate = (more: object) => client.call('EvaluateDecision', more);
    const found = await evaluate({ decisionId: 'dish', variables: '{"season":"summer"}' });
    assert.deepEqual(
      [found['decisionOutput'], found['failedDecisionId'], found['decisionName'], found['decisionVersion']],
      ['"Salad"', '', 'Dish', 1],
    );
    const [dish] = found['evaluatedDecisions'];
    assert.deepEqual([dish.decisionId, dish.decisionType, dish.decisionOutput], ['dish', 'DECISION_TABLE', '"Salad"']);
    assert.deepEqual([dish.evaluatedInputs[0].inputName, dish.evaluatedInputs[0].inputValue], ['Season', '"summer"']);
    assert.deepEqual(
      [dish.matchedRules[0].ruleId, dish.matchedRules[0].evaluatedOutputs[0].outputValue],
      ['salad', '"Salad"'],
    );
    const byKey = await evaluate({ decisionKey: found['decisionKey'], variables: '{"season":"winter"}' });
    assert.equal(byKey['decisionOutput'], 'null');
    const failed = await evaluate({ decisionId: 'broken' });
    assert.deepEqual([failed['failedDecisionId'], failed['decisionOutput']], ['broken', 'null']);
    assert.match(failed['failureMessage'], /'broken'/);
    await refused('NOT_FOUND', /./, evaluate({ decisionId: 'nothing' }));
    await refused('INVALID_ARGUMENT', /neither is/, evaluate({}));
  });
});
