/** Deploying is a process: it says what would change, and whoever changes the process changes how everybody deploys. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ROOT, Running, until } from './running-procos.ts';

const DEPLOYMENT = 'procos_system_deployment';

function model(topic: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
  <bpmn:process id="shipping" isExecutable="true" camunda:historyTimeToLive="P1D">
    <bpmn:startEvent id="start" name="Begin" />
    <bpmn:serviceTask id="work" name="Work" camunda:type="external" camunda:topic="${topic}" />
    <bpmn:endEvent id="end" name="End" />
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="work" />
    <bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>`;
}

/** The shipped process with an approval before anything is deployed. */
function withApproval(shipped: string): string {
  const flow = '<bpmn:sequenceFlow id="flow_deploy" sourceRef="cleared" targetRef="deploy" />';
  assert.ok(shipped.includes(flow));
  return shipped
    .replace(
      flow,
      '<bpmn:userTask id="look" name="Approve the deployment" />\n    <bpmn:sequenceFlow id="flow_looked" sourceRef="look" targetRef="deploy" />\n    <bpmn:sequenceFlow id="flow_deploy" sourceRef="cleared" targetRef="look" />',
    )
    .replace('<bpmn:incoming>flow_deploy</bpmn:incoming>', '<bpmn:incoming>flow_looked</bpmn:incoming>');
}

describe('deployment as a process', () => {
  let folder = '';
  let system: Running;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'procos-deployment-'));
    system = await (await Running.start({ data: join(folder, 'data') })).ready();
  });
  after(async () => {
    await system?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  function write(name: string, content: string): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }
  const versions = async (): Promise<number[]> =>
    (await system.client.definitions({ all: true })).definitions
      .filter(({ bpmnProcessId }) => bpmnProcessId === 'shipping')
      .map(({ version }) => version);
  async function lastDeployment(): Promise<Map<string, unknown>> {
    const { processes } = await system.client.processes({ state: 'all', definition: DEPLOYMENT });
    const pids = processes.map(({ pid }) => Number(pid)).sort((a, b) => a - b);
    const { variables } = await system.client.process(String(pids.at(-1)));
    return new Map(variables.map(({ name, value }) => [name, value]));
  }

  test('procos deploy starts it; what it would change stands in a variable that a person can read', async () => {
    const first = await system.procos('deploy', write('shipping.bpmn', model('parcel')));
    assert.equal(first.code, 0, first.err);
    assert.match(first.out, /^deployed {2}shipping version 1 {2}\(shipping\.bpmn\)$/m);
    assert.equal((await lastDeployment()).get('summary'), 'shipping is new: uses the topic parcel.');
    assert.equal((await system.procos('deploy', write('shipping.bpmn', model('drone')))).code, 0);
    assert.equal(
      (await lastDeployment()).get('summary'),
      'shipping replaces version 1: uses the topic drone; no longer uses the topic parcel.',
    );
    assert.match(
      (await system.procos('deploy', join(folder, 'shipping.bpmn'))).out,
      /^unchanged {2}shipping version 2/m,
    );
  });

  test('what is refused is shown with its lines, and nothing is deployed', async () => {
    const path = write('broken.bpmn', model('parcel').replace('targetRef="end"', 'targetRef="nowhere"'));
    const { code, out, err } = await system.procos('deploy', path);
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /broken\.bpmn:8: error: .*\(f2\)/);
    assert.match(err, /nothing was deployed because of 1 error/);
    assert.equal((await lastDeployment()).get('refused'), true);
  });

  test('a start that is tried first and comes to an incident keeps the files from being deployed', async () => {
    const before = await versions();
    const path = write('shipping.bpmn', model('${carrier}'));
    const refused = await system.procos('deploy', '--smoke', 'shipping', path);
    assert.deepEqual([refused.code, refused.out, await versions()], [1, '', before]);
    assert.match(refused.err, /error: Tried start of shipping: work: .*carrier.*\[smoke-start\]/);
    const other = await system.procos('deploy', '--smoke', 'unknown', path);
    assert.match(other.err, /process unknown is not in the files, but shipping/);
    const { code, err } = await system.procos('deploy', '--smoke', 'shipping', '--var', 'carrier=bike', path);
    assert.equal(code, 0, err);
    const result = { process: 'shipping', state: 'waits', at: ['work'], problems: [] };
    assert.deepEqual((await lastDeployment()).get('smoke_result'), result);
    assert.equal((await system.client.processes({ state: 'all', definition: 'shipping' })).total, 0);
  });

  test('with a user task in a new version of the process the next procos deploy waits for the approval', async () => {
    const approving = withApproval(readFileSync(join(ROOT, 'system', 'deployment.bpmn'), 'utf8'));
    const changed = await system.procos('deploy', '--system', write('deployment.bpmn', approving));
    assert.equal(changed.code, 0, changed.err);
    const before = await versions();

    let over = false;
    const deploying = system.procos('deploy', write('shipping.bpmn', model('rail')));
    void deploying.then(() => {
      over = true;
    });
    await until('somebody is asked', async () => (await system.client.tasks({})).tasks.length === 1);
    assert.deepEqual([over, await versions()], [false, before]);
    assert.match(String((await lastDeployment()).get('summary')), /uses the topic rail/);
    const [task] = (await system.client.tasks({})).tasks;
    const pid = task?.pid ?? '';
    const foreign = { modifications: { draft: { value: '1' } } };
    const set = await fetch(`${system.url}/engine-rest/process-instance/${pid}/variables`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(foreign),
    });
    assert.ok(set.status >= 400, 'nobody changes what is approved');
    await system.procos('complete', task?.taskId ?? '');
    const { code, out, err } = await deploying;
    assert.equal(code, 0, err);
    assert.match(err, /waits for a person \(Approve the deployment\): procos complete/);
    assert.match(out, /deployed {2}shipping version 4/);

    const givenUp = system.procos('deploy', write('shipping.bpmn', model('ship')));
    await until('somebody is asked again', async () => (await system.client.tasks({})).tasks.length === 1);
    assert.equal((await system.procos('kill', (await system.client.tasks({})).tasks[0]?.pid ?? '')).code, 0);
    const end = await givenUp;
    assert.equal(end.code, 1);
    assert.match(end.err, /was canceled without deploying anything/);
    assert.deepEqual((await versions()).length, 4);

    assert.equal((await system.procos('rollback', DEPLOYMENT)).code, 0);
    assert.match((await system.procos('deploy', join(folder, 'shipping.bpmn'))).out, /deployed {2}shipping version 5/);
  });
});
