/**
 * Scenario 5: processes are changed while they run, by people who are asked who they are. Deploying is made to need a second
 * person, which is itself a change of the system that needs one.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Ended, launch, ROOT, Running, until } from '../running-procos.ts';

const EXAMPLE = join(ROOT, 'examples/hot_change');
const PASSWORD = 'correct horse battery';

/** The command line with something on standard input. */
async function procos(args: readonly string[], environment: Record<string, string>, input = ''): Promise<Ended> {
  const { child, ended } = launch(args, environment);
  child.stdin?.end(input);
  return ended;
}

test('the example makes every deployment ask, and changes nothing else of the shipped process', () => {
  const shipped = readFileSync(join(ROOT, 'system/deployment.bpmn'), 'utf8');
  const asking = shipped.replace(
    '${approval_required}</bpmn:conditionExpression>',
    '${true}</bpmn:conditionExpression>',
  );
  assert.notEqual(asking, shipped);
  assert.equal(readFileSync(join(EXAMPLE, 'deployment_with_approval.bpmn'), 'utf8'), asking);
});

test('change under running instances, with the approval of a second person', { timeout: 600_000 }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'procos-scenario-'));
  const data = join(folder, 'data');
  let system: Running | undefined;
  context.after(async () => {
    await system?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const first = await procos(['user', 'add', 'ada', '--admin', '--offline', '--data', data], {}, `${PASSWORD}\n`);
  assert.equal(first.code, 0, first.err);
  const again = await procos(['user', 'add', 'eve', '--admin', '--offline', '--data', data], {}, `${PASSWORD}\n`);
  assert.match(again.err, /There is an administrator already \(ada\)/);

  // Beyond loopback: there is authentication, and an administrator.
  const args = ['--authentication', 'required', '--host', '0.0.0.0'];
  system = await Running.start({ data, args });
  const url = system.url.replace('0.0.0.0', '127.0.0.1');
  await until('PID 1 waits', async () => (await fetch(`${url}/health/ready`)).status === 200);
  assert.equal((await fetch(`${url}/api/system`)).status, 401);

  const homes = { ada: join(folder, 'ada'), bob: join(folder, 'bob') };
  const as = (name: 'ada' | 'bob', ...line: string[]): Promise<Ended> =>
    procos(line, { PROCOS_URL: url, HOME: homes[name], XDG_CONFIG_HOME: homes[name] });
  async function logIn(name: 'ada' | 'bob'): Promise<void> {
    const environment = { PROCOS_URL: url, XDG_CONFIG_HOME: homes[name] };
    const login = await procos(['login', '--user', name, '--json'], environment, `${PASSWORD}\n`);
    assert.equal(login.code, 0, login.err);
    assert.equal(statSync((JSON.parse(login.out) as { file: string }).file).mode & 0o777, 0o600);
  }
  await logIn('ada');
  const bob = await procos(
    ['user', 'add', 'bob', '--admin'],
    { PROCOS_URL: url, XDG_CONFIG_HOME: homes.ada },
    `${PASSWORD}\n`,
  );
  assert.equal(bob.code, 0, bob.err);
  await logIn('bob');
  assert.equal((await as('ada', 'rule', 'set', 'four-eyes')).code, 0);

  const taskOf = async (bpmnProcessId: string): Promise<string> => {
    let taskId = '';
    await until(`a task of ${bpmnProcessId}`, async () => {
      const { tasks } = JSON.parse((await as('bob', 'tasks', '--json')).out) as {
        tasks: { taskId: string; bpmnProcessId: string }[];
      };
      taskId = tasks.find((task) => task.bpmnProcessId === bpmnProcessId)?.taskId ?? '';
      return taskId !== '';
    });
    return taskId;
  };
  /** Ada deploys; Ada cannot approve it, Bob can. */
  async function deployByTwo(...line: string[]): Promise<Ended> {
    const deploying = as('ada', ...line);
    const taskId = await taskOf('procos_system_deployment');
    const self = await as('ada', 'complete', taskId, '--var', 'approved:=true');
    assert.notEqual(self.code, 0);
    assert.match(self.err, /a second person must look at it/);
    const approved = await as('bob', 'complete', taskId, '--var', 'approved:=true');
    assert.equal(approved.code, 0, approved.err);
    const deployed = await deploying;
    assert.equal(deployed.code, 0, deployed.err);
    return deployed;
  }

  // An ordinary process is still deployed by one, until every deployment asks.
  assert.equal((await as('ada', 'deploy', join(EXAMPLE, 'order.bpmn'))).code, 0);
  const old = await as('ada', 'run', 'parcel_order', '--no-wait');
  assert.equal(old.code, 0, old.err);
  const asking = join(EXAMPLE, 'deployment_with_approval.bpmn');
  assert.match((await deployByTwo('deploy', '--system', asking)).out, /procos_system_deployment version 2/);
  const changed = await deployByTwo('deploy', join(EXAMPLE, 'order_weighed.bpmn'));
  assert.match(changed.out, /parcel_order version 2/);

  // What runs goes on by its version, what is started goes by the new one, and nothing was restarted.
  assert.equal((await as('ada', 'run', 'parcel_order', '--no-wait')).code, 0);
  const complete = async (elementId: string, many: number): Promise<void> => {
    const { tasks } = JSON.parse((await as('bob', 'tasks', '--json')).out) as {
      tasks: { taskId: string; elementId: string }[];
    };
    const mine = tasks.filter((task) => task.elementId === elementId);
    assert.equal(mine.length, many, elementId);
    for (const { taskId } of mine) assert.equal((await as('bob', 'complete', taskId)).code, 0);
  };
  await complete('pack', 2);
  await complete('weigh', 1);
  const { processes } = JSON.parse((await as('ada', 'ps', '--all', '--json')).out) as {
    processes: { bpmnProcessId: string; version: number; state: string; startedBy: string }[];
  };
  const orders = processes.filter(({ bpmnProcessId }) => bpmnProcessId === 'parcel_order');
  assert.deepEqual(orders.map(({ version, state }) => [version, state]).sort(), [
    [1, 'completed'],
    [2, 'completed'],
  ]);

  // Back to the shipped version: that is a change of the system again.
  const back = await deployByTwo('rollback', 'procos_system_deployment', '--to', '1');
  assert.match(back.out, /procos_system_deployment version 3/);
  // Directly, as Camunda's clients deploy: refused.
  const form = new FormData();
  form.set('deployment-source', 'system');
  const content = readFileSync(join(ROOT, 'system/backup.bpmn'), 'utf8').replace('name="Backup"', 'name="Mine"');
  form.append('backup.bpmn', new Blob([content]), 'backup.bpmn');
  const authorization = `Basic ${Buffer.from(`ada:${PASSWORD}`).toString('base64')}`;
  const direct = await fetch(`${url}/engine-rest/deployment/create`, {
    method: 'POST',
    headers: { authorization },
    body: form,
  });
  assert.equal(direct.status, 400);
  assert.match(await direct.text(), /approval of a second person/);

  const who = await as('bob', 'who');
  assert.match(who.out, /^user:ada +token +procos login on /m);
  assert.match(who.out, /^worker:procos-workers +kernel/m);
  const tokenFile = join(folder, 'token.txt');
  const created = await as('ada', 'token', 'create', 'watch', '--role', 'administrator', '--days', '1');
  writeFileSync(tokenFile, created.out);
  assert.equal((await procos(['who', '--token-file', tokenFile], { PROCOS_URL: url })).code, 0);
  assert.equal((await as('ada', 'logout')).code, 0);
  assert.notEqual((await as('ada', 'ps')).code, 0);
  assert.equal((await as('bob', 'shutdown')).code, 0);
  assert.equal((await system.ended).code, 0);
});
