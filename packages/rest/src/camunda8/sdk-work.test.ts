/** The published SDK of Camunda 8.8, unmodified: its worker, and what one starts, tells and changes with it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Camunda8 } from '@camunda8/sdk';
import { job, zeebe } from '../testing/camunda8.test.ts';
import { type System, startSystem } from '../testing/real-kernel.test.ts';

const CATCH =
  '<bpmn:intermediateCatchEvent id="paid"><bpmn:messageEventDefinition messageRef="M_paid" /></bpmn:intermediateCatchEvent>';
const ORDER = zeebe('order', `<bpmn:startEvent id="s" />${job('t', 'charge')}${CATCH}<bpmn:endEvent id="e" />`, [
  's->t',
  't->paid',
  'paid->e',
]);
const QUICK = zeebe(
  'quick',
  `<bpmn:startEvent id="s" />${job('t', 'quick', '<zeebe:taskHeaders><zeebe:header key="by" value="card" /></zeebe:taskHeaders>')}
    <bpmn:boundaryEvent id="declined" attachedToRef="t"><bpmn:errorEventDefinition errorRef="E_card" /></bpmn:boundaryEvent>
    <bpmn:endEvent id="e" /><bpmn:endEvent id="eDeclined" />`,
  ['s->t', 't->e', 'declined->eDeclined'],
);

describe('the SDK of Camunda 8.8 at work', () => {
  let system: System;
  let camunda: ReturnType<Camunda8['getCamundaRestClient']>;
  before(async () => {
    system = await startSystem();
    const options = { CAMUNDA_AUTH_STRATEGY: 'NONE', CAMUNDA_OAUTH_DISABLED: true, CAMUNDA_LOG_LEVEL: 'none' } as const;
    camunda = new Camunda8({ ZEEBE_REST_ADDRESS: system.url, ...options }).getCamundaRestClient();
    const { processes } = await camunda.deployResources([
      { name: 'order.bpmn', content: ORDER },
      { name: 'quick.bpmn', content: QUICK },
    ]);
    assert.deepEqual(processes.map(({ processDefinitionId }) => processDefinitionId).sort(), ['order', 'quick']);
  });
  after(() => system.stop());

  const stateOf = async (key: string) =>
    (await system.get<{ state: string }>(`/engine-rest/history/process-instance/${key}`)).state;
  const activate = async (type: string) => {
    const [found] = await camunda.activateJobs({
      type,
      worker: 'w',
      timeout: 60_000,
      maxJobsToActivate: 1,
      requestTimeout: 10_000,
    });
    assert.ok(found !== undefined, `a job of type ${type}`);
    return found;
  };

  it('has its worker complete, fail and throw, and is told the result of an instance', async () => {
    const seen: unknown[] = [];
    const worker = camunda.createJobWorker({
      type: 'quick',
      worker: 'sdk',
      timeout: 60_000,
      maxJobsToActivate: 3,
      jobHandler: async (found) => {
        const { n } = found.variables as unknown as { n: number };
        seen.push([n, found.retries, (found.customHeaders as unknown as { by: string }).by]);
        if (n === 2 && found.retries === 3) return found.fail({ errorMessage: 'once', retries: 2, retryBackOff: 10 });
        if (n === 3) return found.error({ errorCode: 'CARD', errorMessage: 'declined', variables: {} });
        return found.complete({ doubled: n * 2 });
      },
    });
    const ask = (n: number) =>
      camunda.createProcessInstanceWithResult({
        processDefinitionId: 'quick',
        variables: { n },
        requestTimeout: 30_000,
      });
    assert.deepEqual({ ...((await ask(1)).variables as object) }, { n: 1, doubled: 2 });
    assert.deepEqual({ ...((await ask(2)).variables as object) }, { n: 2, doubled: 4 });
    assert.deepEqual({ ...((await ask(3)).variables as object) }, { n: 3 });
    await worker.stop();
    assert.deepEqual(seen, [
      [1, 3, 'card'],
      [2, 3, 'card'],
      [2, 2, 'card'],
      [3, 3, 'card'],
    ]);
  });

  it('correlates and publishes messages, sets variables, cancels', async () => {
    const start = (order: string) =>
      camunda.createProcessInstance({ processDefinitionId: 'order', variables: { order } });
    const one = await start('S-1');
    await (await activate('charge')).complete();
    const correlated = await camunda.correlateMessage({
      name: 'paid',
      correlationKey: 'S-1',
      variables: { by: 'card' },
    });
    assert.equal(correlated.processInstanceKey, one.processInstanceKey);
    assert.equal(await stateOf(one.processInstanceKey), 'COMPLETED');
    await camunda.publishMessage({ name: 'paid', correlationKey: 'S-2', timeToLive: 60_000, variables: {} });
    const two = await start('S-2');
    const found = await activate('charge');
    await camunda.updateElementInstanceVariables({
      elementInstanceKey: found.elementInstanceKey,
      variables: { total: 3 },
    });
    assert.deepEqual(await system.get(`/engine-rest/process-instance/${two.processInstanceKey}/variables/total`), {
      type: 'Integer',
      value: 3,
      valueInfo: {},
    });
    await found.complete();
    assert.equal(await stateOf(two.processInstanceKey), 'COMPLETED');
    const three = await start('S-3');
    await camunda.cancelProcessInstance({ processInstanceKey: three.processInstanceKey });
    assert.equal(await stateOf(three.processInstanceKey), 'EXTERNALLY_TERMINATED');
  });

  it('moves an instance and resolves what is stuck', async () => {
    const { processInstanceKey } = await camunda.createProcessInstance({ processDefinitionId: 'quick', variables: {} });
    await (await activate('quick')).fail({ errorMessage: 'no', retries: 0 });
    const [incident] = await system.get<{ id: string }[]>(
      `/engine-rest/incident?processInstanceId=${processInstanceKey}`,
    );
    await camunda.resolveIncident(incident?.id ?? '');
    const again = await activate('quick');
    await camunda.modifyProcessInstance({
      processInstanceKey,
      activateInstructions: [{ elementId: 'e', variableInstructions: [] }],
      terminateInstructions: [{ elementInstanceKey: again.elementInstanceKey }],
    } as never);
    assert.equal(await stateOf(processInstanceKey), 'COMPLETED');
    const { gatewayVersion } = await camunda.getTopology();
    assert.equal(gatewayVersion, '8.9.0');
  });
});
