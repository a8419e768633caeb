/** The examples and the command line, as a person uses them, against one running system. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launch, ROOT, Running, until } from './running-procos.ts';

interface Result {
  readonly pid: string;
  readonly state: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly incidents: readonly { readonly elementId: string; readonly message: string }[];
}

const ORDER = (quantity: number): string => `--var=order:={"order_id":"A-17","item":"Lamp","quantity":${quantity}}`;

describe('command line and examples', () => {
  let folder = '';
  let mailbox: ChildProcess;
  let mails = '';
  let system: Running;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'procos-cli-'));
    mailbox = spawn(process.execPath, ['examples/hello_email/mailbox.js', '0'], { cwd: ROOT });
    mailbox.stdout?.setEncoding('utf8').on('data', (text: string) => {
      mails += text;
    });
    await until('the mailbox listens', () => /127\.0\.0\.1:\d+/.test(mails));
    const environment = {
      PROCOS_SMTP_HOST: '127.0.0.1',
      PROCOS_SMTP_PORT: /127\.0\.0\.1:(\d+)/.exec(mails)?.[1] ?? '',
      PROCOS_SMTP_SECURE: 'none',
      PROCOS_SMTP_FROM: 'procos@example.org',
      // Nobody listens there: the AI example must say so, also on a machine that has a model.
      OLLAMA_URL: 'http://127.0.0.1:4',
      OPENAI_API_KEY: '',
    };
    system = await (await Running.start({ data: join(folder, 'data'), environment })).ready();
  });
  after(async () => {
    mailbox?.kill();
    await system?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(target: string, ...args: string[]): Promise<Result & { code: number | null }> {
    const { code, out, err } = await system.procos('run', target, '--json', ...args);
    assert.notEqual(out, '', err);
    return { code, ...(JSON.parse(out) as Result) };
  }
  const written = (path: string): string => readFileSync(join(folder, 'data', 'files', path), 'utf8');

  test('ps shows PID 1 and where it waits', async () => {
    const { code, out } = await system.procos('ps');
    assert.equal(code, 0);
    assert.match(out, /^1 +procos_system_orchestrator +active +Wait for work/m);
  });

  test('hello_email sends one mail', async () => {
    const { code, state, variables } = await run(
      'examples/hello_email',
      '--var',
      'to_email=ada@example.org',
      '--var',
      'name=Ada',
    );
    assert.deepEqual(
      { code, state, to: variables['recipients'] },
      { code: 0, state: 'completed', to: ['ada@example.org'] },
    );
    await until('the mail is there', () => mails.includes('--- mail for ada@example.org'));
    assert.match(mails, /Subject: Hello Ada/);
  });

  test('secure_data keeps what is needed of good data, and refuses the rest with its errors', async () => {
    const good = await run(
      'examples/secure_data',
      '--var=data:={"customer":"Ada","email":"ada@example.org","amount":120,"iban":"x"}',
    );
    assert.equal(good.code, 0);
    assert.deepEqual(good.variables['result'], { customer: 'Ada', amount: 120 });
    assert.equal(JSON.parse(written(`secure_data/${good.pid}.json`)).iban, 'x');
    const bad = await run('secure_data_process', '--var=data:={"customer":"Ada"}');
    assert.equal(bad.variables['valid'], false);
    assert.equal((bad.variables['errors'] as unknown[]).length, 2);
  });

  test('order_fulfilment writes both papers of a good order; a bad one goes the way of the error', async () => {
    const good = await run('examples/order_fulfilment', ORDER(2));
    assert.equal(good.code, 0);
    assert.equal(written('orders/A-17/invoice.txt'), 'Invoice for order A-17: 2 x Lamp');
    const bad = await run('order_fulfilment', ORDER(0));
    assert.equal(bad.state, 'completed');
    assert.deepEqual(bad.variables['reasons'], [{ message: "'quantity' must be at least 1" }]);
    assert.equal(bad.variables['invoice'], undefined);
  });

  test('document_approval goes back to its author until a person approves', async () => {
    const running = run('examples/document_approval', '--var', 'title=Budget', '--var', 'text=Ten lamps.');
    const complete = async (name: string, ...variables: string[]): Promise<void> => {
      let taskId = '';
      await until(`the task ${name}`, async () => {
        const { tasks } = JSON.parse((await system.procos('tasks', '--json')).out) as {
          tasks: { taskId: string; name: string }[];
        };
        taskId = tasks.find((task) => task.name === name)?.taskId ?? '';
        return taskId !== '';
      });
      const form = (await system.client.task(taskId)).form;
      assert.equal(form?.kind, 'form-js');
      const { code, err } = await system.procos('complete', taskId, ...variables.flatMap((one) => ['--var', one]));
      assert.equal(code, 0, err);
    };
    await complete('Decide on the document', 'approved:=false', 'comment=Nine will do.');
    await complete('Revise the document', 'text=Nine lamps.');
    await complete('Decide on the document', 'approved:=true');
    const { code, variables, pid } = await running;
    assert.equal(code, 0);
    assert.equal(variables['file'], `approved/${pid}.txt`);
    assert.equal(written(`approved/${pid}.txt`), 'Budget\n\nNine lamps.');
  });

  test('models of both modelers run as they are', async () => {
    const invoice = await run('examples/invoice_c7', '--var', 'creditor=ACME', '--var', 'amount:=300');
    assert.deepEqual({ code: invoice.code, archived: invoice.variables['archived'] }, { code: 0, archived: true });
    const items = '--var=items:=[{"article":"Lamp","price":20,"quantity":2},{"article":"Pen","price":1,"quantity":3}]';
    const order = await run('examples/order_c8', '--var', 'customer=Ada', items);
    assert.deepEqual({ code: order.code, total: order.variables['total'] }, { code: 0, total: 43 });
  });

  test('what stands in an incident ends run with exit code 3 and says why; kill ends it', async () => {
    const { code, pid, incidents } = await run('examples/hello_email', '--var', 'name=Ada');
    assert.equal(code, 3);
    assert.match(incidents[0]?.message ?? '', /to_email/);
    assert.match(
      (await system.procos('ps')).out,
      new RegExp(`^${pid} +hello_email_process +incident +Send the greeting`, 'm'),
    );
    const shown = await system.procos('inspect', pid);
    assert.match(shown.out, /to_email/);
    assert.equal((await system.procos('kill', pid)).code, 0);
    assert.doesNotMatch((await system.procos('ps')).out, new RegExp(`^${pid} `, 'm'));
  });

  test('run ends with exit code 1 when the process is ended from outside', async () => {
    const running = run(
      'examples/document_approval',
      '--var',
      'title=X',
      '--var',
      'text=Y',
      '--business-key',
      'to-be-killed',
    );
    let pid = '';
    await until('it waits', async () => {
      const { processes } = await system.client.processes();
      pid =
        processes.find(({ businessKey, waitsAt }) => businessKey === 'to-be-killed' && waitsAt.length > 0)?.pid ?? '';
      return pid !== '';
    });
    await system.procos('kill', pid);
    const { code, state } = await running;
    assert.deepEqual({ code, state }, { code: 1, state: 'canceled' });
  });

  test('strace follows a process to its end; ps, lsof, set, stop and cont meanwhile', async () => {
    const given = ['--var', 'title=X', '--var', 'text=Y', '--business-key', 'traced'];
    await system.procos('run', 'examples/document_approval', '--no-wait', ...given);
    let pid = '';
    await until('it waits for a person', async () => {
      const { processes } = await system.client.processes({ businessKey: 'traced' });
      pid = processes.find(({ waitsAt }) => waitsAt.length > 0)?.pid ?? '';
      return pid !== '';
    });
    const tracing = launch(['strace', pid, '--json'], { PROCOS_URL: system.url });
    const lines = (await system.procos('lsof', pid)).out.split('\n');
    assert.match(lines[1] ?? '', /^\d+ +userTask +\S+ +Decide on the document$/);
    assert.match(
      (await system.procos('ps', '--tree', '-o', 'pid,name')).out,
      new RegExp(`^${pid} {2,}  document_`, 'm'),
    );
    const stop = await system.procos('stop', pid);
    assert.equal(stop.out, `stopped ${pid}  document_approval\n`);
    assert.match((await system.procos('ps', '--definition', 'document_approval', '-o', 'pid,state')).out, /suspended/);
    assert.equal((await system.procos('cont', pid)).code, 0);
    await until('the trace shows what happens', async () => {
      await system.client.setProcessVariables(pid, { variables: { round: 1 } });
      return tracing.output.out.includes('variablesSet');
    });
    await system.client.sendSignal(pid, { signal: 'KILL', reason: 'traced enough' });
    const { code, out, err } = await tracing.ended;
    assert.equal(code, 0, err);
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; pid: string });
    assert.equal(events.at(-1)?.type, 'processInstanceEnded');
    assert.ok(events.every((event) => event.pid === pid));
  });

  test('run shows the steps by the names they are drawn with, then the variables', async () => {
    const { code, out } = await system.procos('run', 'examples/order_fulfilment', ORDER(1));
    assert.equal(code, 0);
    assert.match(out, /Entered "Check the order"/);
    assert.match(out, /^invoice +orders\/A-17\/invoice\.txt$/m);
  });

  test('the AI example says what is missing when no provider answers', async () => {
    const { code, incidents } = await run('examples/ai_query', '--var', 'query=hello');
    assert.equal(code, 3);
    assert.match(incidents[0]?.message ?? '', /No AI provider answers/);
  });

  test('what is only doubtful in a model is shown when it is deployed', async () => {
    const path = 'packages/bpmn/fixtures/camunda7-order.bpmn';
    const { code, err } = await system.procos('deploy', path);
    assert.equal(code, 0);
    assert.match(err, new RegExp(`^${path}:\\d+: warning: .*\\[[a-z/-]+\\]$`, 'm'));
  });

  test('a refused model is shown with its lines, and nothing is deployed', async () => {
    const before = (await system.client.definitions()).definitions.length;
    const path = 'packages/bpmn/fixtures/refused/duplicate-ids.bpmn';
    const { code, err } = await system.procos('deploy', path);
    assert.equal(code, 1);
    assert.match(err, new RegExp(`^${path}:\\d+: error: `, 'm'));
    assert.equal((await system.client.definitions()).definitions.length, before);
  });

  test('every example passes the check without a finding', async () => {
    const examples = [
      'hello_email/hello_email',
      'ai_query/ai_query',
      'secure_data/secure_data',
      'order_c8/order',
      'invoice_c7/invoice',
    ];
    const more = [
      'order_fulfilment/order_fulfilment',
      'document_approval/document_approval',
      'both_clients/order_for_both',
    ];
    const paths = [...examples, ...more].map((name) => `examples/${name}.bpmn`);
    const { code, out, err } = await system.procos('check', ...paths, '--json');
    assert.equal(code, 0, err);
    const { refused, files } = JSON.parse(out) as {
      refused: boolean;
      files: { notes: { kind: string; rule: string }[] }[];
    };
    // They are written for the built-in workers, which the check says.
    const notes = files.flatMap((file) => file.notes).filter(({ rule }) => rule !== 'hint/built-in-topic');
    assert.deepEqual({ refused, notes }, { refused: false, notes: [] });
  });

  test('decisions are checked and deployed like processes, and named', async () => {
    const path = 'packages/engine/fixtures/dish.dmn';
    const checked = await system.procos('check', path);
    assert.equal(checked.code, 0, checked.err);
    assert.match(checked.out, /^runs as it is {2}\S+dish\.dmn {2}\(decision \S+, decision /m);
    assert.match(checked.out, /1 file: 1 runs as it is, .*0 are refused/);
    const line = (what: string) => new RegExp(`^${what} {2}decision \\S+ version 1 {2}\\(dish\\.dmn\\)$`, 'm');
    assert.match((await system.procos('deploy', path)).out, line('deployed'));
    assert.match((await system.procos('deploy', path)).out, line('unchanged'));
    const broken = join(folder, 'broken.dmn');
    writeFileSync(broken, readFileSync(join(ROOT, path), 'utf8').replace(/<decision id="/, '<decision id="" name="'));
    assert.equal((await system.procos('check', broken)).code, 1);
  });

  test('logs show what happened, for people and as one object per line', async () => {
    const people = await system.procos('logs', '-n', '20');
    assert.match(people.out, /^\d\d:\d\d:\d\d\.\d{3} {2}/);
    const lines = (await system.procos('logs', '-n', '20', '--json')).out.trim().split('\n');
    assert.ok(lines.length > 0);
    for (const line of lines) assert.equal(typeof (JSON.parse(line) as { sequence: number }).sequence, 'number');
    assert.match((await system.procos('logs', '--kernel')).out, /PID 1 waits for work/);
  });

  test('status shows the system; shutdown ends it with exit code 0', async () => {
    assert.match((await system.procos('status')).out, /^ProcOS \S+ is ready at http/);
    const { code, out } = await system.procos('shutdown');
    assert.deepEqual({ code, out }, { code: 0, out: 'ProcOS is down.\n' });
    assert.equal((await system.ended).code, 0);
  });
});
