/** `/proc` on the real engine: text by default, JSON by `Accept`, the gate asked. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { LoadAverage, MemoryInfo, ProcessTree } from '@procos/protocol';
import { bpmn, type System, startSystem } from '../testing/real-kernel.test.ts';

const WORK = bpmn(
  'work',
  '<bpmn:startEvent id="Start" /><bpmn:serviceTask id="Do" camunda:type="external" camunda:topic="do" />',
  ['Start->Do'],
);
const CALLER = bpmn('caller', '<bpmn:startEvent id="Start" /><bpmn:callActivity id="Call" calledElement="work" />', [
  'Start->Call',
]);

describe('/proc', () => {
  let system: System;
  let pid = '';
  let called = '';
  before(async () => {
    system = await startSystem();
    await system.deploy({ 'work.bpmn': WORK, 'caller.bpmn': CALLER });
    await system.kernel.ready;
    const started = await system.post<{ id: string }>('/engine-rest/process-definition/key/caller/start', {
      businessKey: 'B\nState: forged',
      variables: { amount: { value: 3 }, text: { value: 'a\nb=1' } },
    });
    pid = started.id;
    called = (await system.get<{ children: { pid: string }[] }>(`/api/processes/${pid}`)).children[0]?.pid ?? '';
  });
  after(() => system.stop());
  const read = (path: string, accept = 'text/plain') => system.app.inject({ url: `/proc${path}`, headers: { accept } });
  async function lines(path: string): Promise<string[]> {
    const answer = await read(path);
    assert.equal(answer.statusCode, 200, answer.body);
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
    return answer.body.trimEnd().split('\n');
  }
  const json = async <T>(path: string) => (await read(path, 'application/json')).json<T>();

  it('lists running processes and the files of each', async () => {
    const names = await lines('');
    for (const name of ['1', pid, called, 'uptime', 'loadavg', 'meminfo', 'version'])
      assert.ok(names.includes(name), name);
    assert.deepEqual(await lines(`/${pid}`), ['status', 'tree', 'vars', 'trace', 'limits', 'caps', 'fd']);
  });

  it('status: one line for each thing, whatever the values contain', async () => {
    const status = await lines(`/${pid}/status`);
    assert.deepEqual(status.slice(0, 3), ['Name:\tcaller', 'State:\tactive', `Pid:\t${pid}`]);
    assert.ok(status.includes('BusinessKey:\tB State: forged'));
    assert.ok(status.includes('WaitsAt:\tCall'));
    await system.post(`/api/processes/${pid}/signals`, { signal: 'STOP' });
    assert.equal((await lines(`/${pid}/status`))[1], 'State:\tactive, suspended');
    await system.post(`/api/processes/${pid}/signals`, { signal: 'CONT' });
    const { bpmnProcessId, suspended, incidents } = await json<Record<string, unknown>>(`/${pid}/status`);
    assert.deepEqual([bpmnProcessId, suspended, incidents], ['caller', false, 0]);
    assert.equal((await lines('/1/status'))[0], 'Name:\tprocos_system_orchestrator');
  });

  it('tree, vars, trace, fd and limits', async () => {
    assert.deepEqual(await lines(`/${pid}/tree`), [`${pid} caller active`, `  ${called} work active`]);
    const { children } = await json<ProcessTree>(`/${pid}/tree`);
    assert.deepEqual([children[0]?.pid, children[0]?.children], [called, []]);
    assert.deepEqual((await lines(`/${pid}/vars`)).sort(), ['amount=3', 'text="a\\nb=1"']);
    const trace = (await lines(`/${pid}/trace`)).map((line) => line.split(' ').slice(2));
    assert.deepEqual(trace, [
      ['completed', 'startEvent', 'Start'],
      ['active', 'callActivity', 'Call', called],
    ]);
    assert.match((await lines(`/${called}/fd`))[0] ?? '', /^\d+ externalTask Do do - - -$/);
    assert.equal((await json<unknown[]>(`/${called}/fd`)).length, 1);
    assert.ok((await lines(`/${pid}/limits`)).includes('callDepth:\t64'));
    assert.equal((await lines(`/${pid}/caps`))[0], 'everything but system calls (no procos:security block)');
  });

  it('the system: uptime, loadavg, meminfo, version', async () => {
    assert.match((await lines('/uptime'))[0] ?? '', /^\d+\.\d\d$/);
    assert.match((await lines('/loadavg'))[0] ?? '', /^(\d+\.\d\d ){3}\d+ 0 \d+$/);
    const load = await json<LoadAverage>('/loadavg');
    assert.ok(load.running >= 3);
    assert.match((await lines('/meminfo')).join(' '), /^MemTotal:\t\d+ kB .*KernelResident:\t\d+ kB/);
    assert.ok((await json<MemoryInfo>('/meminfo')).heapUsedBytes > 0);
    assert.match((await lines('/version'))[0] ?? '', /^ProcOS version test \(node \d+\.\d+\.\d+\)$/);
  });

  it('what is not there is 404', async () => {
    for (const path of ['/999999', '/999999/status', '/999999/limits', '/999999/fd', `/${pid}/environ`, '/cpuinfo'])
      assert.equal((await read(path)).statusCode, 404, path);
  });
});
