/**
 * Scenario 13: a process that declares what it uses gets that and nothing else: at deployment, when a task is created, in
 * the worker; and what it has can be taken away while it works. The example is examples/secure_data.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, Running, until } from '../running-procos.ts';

const EXAMPLE = readFileSync(join(ROOT, 'examples/secure_data/secure_data.bpmn'), 'utf8');
const DATA = { customer: 'Ada', email: 'ada@example.org', amount: 120 };

test('secure data: forbidden topics and paths are refused, and rights are taken away from running work', {
  timeout: 110_000,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'procos-scenario-'));
  // A server that takes every request and never answers: whoever asks it works until he is stopped.
  let asked = 0;
  let hungUp = 0;
  const silent = createServer((request) => {
    asked += 1;
    request.socket.once('close', () => {
      hungUp += 1;
    });
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const system = await Running.start({ data: join(folder, 'data'), environment: { PROCOS_HTTP_ALLOW: host } });
  context.after(async () => {
    await system.kill('SIGKILL');
    silent.closeAllConnections();
    silent.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await system.ready();
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const forbidden = async () => {
    const { processes } = await system.client.processes({ state: 'all' });
    const all = await Promise.all(processes.map(({ pid }) => system.client.process(pid)));
    return all.flatMap(({ pid, incidents }) =>
      incidents.filter(({ state }) => state === 'open').map(({ message }) => ({ pid, message })),
    );
  };

  const good = await system.procos('run', 'examples/secure_data', `--var=data:=${JSON.stringify(DATA)}`);
  assert.equal(good.code, 0, good.err);

  // At deployment.
  const calls = EXAMPLE.replace('camunda:topic="data_transform"', 'camunda:topic="http_request"');
  const refused = await system.procos('deploy', file('calls.bpmn', calls));
  assert.notEqual(refused.code, 0);
  assert.match(
    refused.out + refused.err,
    /select: topic http_request is not declared \(<procos:task topic="http_request"\/>\)/,
  );

  // When the task is created: only then is it known which topic it is.
  const open = EXAMPLE.replaceAll('secure_data_process', 'late').replace(
    'camunda:topic="data_validation"',
    'camunda:topic="${topic}"',
  );
  assert.equal((await system.procos('deploy', file('late.bpmn', open))).code, 0);
  await system.client.start({ bpmnProcessId: 'late', variables: { data: DATA, topic: 'http_request' } });
  await until('the incident is there', async () => (await forbidden()).length === 1);
  const [incident] = await forbidden();
  assert.match(incident?.message ?? '', /^'check' is forbidden: topic http_request is not declared/);
  const caps = await system.procos('cat', `/proc/${incident?.pid}/caps`);
  assert.match(caps.out, /^tasks data_validation$/m);
  assert.match(caps.out, /^dataClassification confidential$/m);

  // In the worker: only there is it known which path it is.
  const path = EXAMPLE.replaceAll('secure_data_process', 'elsewhere').replaceAll('>secure_data/$', '>${folder}/$');
  assert.equal((await system.procos('deploy', file('elsewhere.bpmn', path))).code, 0);
  await system.client.start({ bpmnProcessId: 'elsewhere', variables: { data: DATA, folder: 'other' } });
  await until('the worker has refused', async () => (await forbidden()).length === 2);
  assert.match(
    (await forbidden()).map(({ message }) => message).join('\n'),
    /to write path other\/\d+\.json is not declared/,
  );

  // While it works.
  const asks = EXAMPLE.replaceAll('secure_data_process', 'asks')
    .replace('<procos:task topic="data_validation" />', `<procos:task topic="http_request" />`)
    .replace('<procos:path name="secure_data" />', `$&<procos:host name="${host}" />`)
    .replace('camunda:topic="data_validation"', 'camunda:topic="http_request"')
    .replace(
      '<camunda:inputParameter name="data">${data}</camunda:inputParameter>',
      `<camunda:inputParameter name="url">http://${host}/</camunda:inputParameter><camunda:inputParameter name="timeout">300</camunda:inputParameter>`,
    );
  const deployed = await system.procos('deploy', file('asks.bpmn', asks));
  assert.equal(deployed.code, 0, deployed.err);
  await system.client.start({ bpmnProcessId: 'asks', variables: { data: DATA } });
  await until('the worker asks', () => asked === 1);
  const changed = await system.procos(
    'policy',
    'deny',
    'asks',
    'tasks:http_request',
    '--why',
    'the contract has ended',
  );
  assert.equal(changed.code, 0, changed.err);
  assert.match(changed.out, /Tasks taken back: 1\./);
  await until('the worker has hung up', () => hungUp === 1);
  const taken = (await forbidden()).find(({ message }) => /denied by the owner's policy/.test(message));
  assert.match(taken?.message ?? '', /says so: the contract has ended/);
  assert.match((await system.procos('cat', `/proc/${taken?.pid}/caps`)).out, /^denied tasks http_request$/m);
  // It stays until the policy allows it again.
  assert.notEqual((await system.procos('retry', taken?.pid ?? '')).code, 0);
  assert.equal((await system.procos('policy', 'lift', '1', '--why', 'signed again')).code, 0);
  assert.equal((await system.procos('retry', taken?.pid ?? '')).code, 0);
  await until('the worker asks again', () => asked === 2);
});
