/** The command line against a small server: arguments, exit codes, JSON, and what is said when nothing answers. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { BatchDetail, ProcessRow } from '@procos/protocol';
import type { Shell } from './cli/shell.ts';
import { collectVariable } from './cli/variables.ts';
import { createProgram, runProgram } from './program.ts';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly user: string | undefined;
  readonly accept: string | undefined;
}

describe('command line', () => {
  const answers = new Map<string, { status?: number; body: unknown }>();
  let asked: Asked[] = [];
  let server: Server;
  let url = '';
  let folder = '';

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'procos-cli-'));
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method = '', url: path = '' } = request;
      const user = request.headers['x-procos-user']?.toString();
      asked.push({ method, url: path, body: Buffer.concat(chunks).toString(), user, accept: request.headers.accept });
      const answer = answers.get(`${method} ${path.split('?')[0]}`) ?? {
        status: 404,
        body: { code: 'NOT_FOUND', message: 'Nothing there.' },
      };
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked = [];
    answers.clear();
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function procos(
    args: readonly string[],
    environment: Record<string, string> = { PROCOS_URL: url },
    interrupted: AbortSignal = new AbortController().signal,
  ) {
    const out: string[] = [];
    const err: string[] = [];
    const shell: Shell = {
      print: (line) => out.push(line),
      outlive: () => {},
      writeBytes: async (bytes) => void out.push(Buffer.from(bytes).toString()),
      note: (line) => err.push(line),
      secret: async () => 'typed and not shown',
      now: () => Date.parse('2026-01-01T01:00:00Z'),
      environment,
      workingDirectory: folder,
      colour: false,
      terminal: false,
      interrupted,
      exitCode: 0,
    };
    return { code: await runProgram(shell, args), out, err };
  }

  const row: ProcessRow = {
    pid: '2251',
    processInstanceId: '2251',
    bpmnProcessId: 'order',
    name: 'Order',
    version: 1,
    definitionId: '7',
    businessKey: null,
    state: 'active',
    suspended: false,
    waitsAt: [],
    parentPid: '1',
    startedAt: '2026-01-01T00:57:00Z',
    endedAt: null,
    startedBy: 'user:anonymous',
  };
  const point = {
    elementInstanceId: '9',
    elementId: 'approve',
    elementName: 'Approve',
    elementType: 'userTask',
    since: row.startedAt,
    incident: null,
  };

  test('ps shows pid, name, state, where it waits and age', async () => {
    answers.set('GET /api/processes', { body: { total: 1, processes: [{ ...row, waitsAt: [point, point] }] } });
    const { code, out, err } = await procos(['ps']);
    assert.equal(code, 0);
    assert.deepEqual(out, ['PID   NAME   STATE   WAITS AT     AGE', '2251  order  active  Approve (2)  3m']);
    assert.deepEqual(err, []);
    assert.equal(asked[0]?.url, '/api/processes?state=active&limit=100');
  });

  test('ps --all --definition asks for what it says, and tells when not all fit', async () => {
    answers.set('GET /api/processes', { body: { total: 5, processes: [row] } });
    const { err } = await procos(['ps', '-a', '--definition', 'order', '--limit', '1']);
    assert.equal(asked[0]?.url, '/api/processes?state=all&limit=1&definition=order');
    assert.deepEqual(err, ['4 more are not shown: procos ps --limit 5']);
  });

  test('recovery lists what the table says about each open incident', async () => {
    const incident = { incidentId: '9', pid: '2251', bpmnProcessId: 'order', elementId: 'charge', recovery: null };
    const facts = { facts: {}, severity: 'normal', without: null, problem: null };
    const rule = { version: 2, id: 'again', index: 3 };
    answers.set('GET /api/incidents', {
      body: { total: 5, incidents: ['9', '8', '7', '6'].map((incidentId) => ({ ...incident, incidentId })) },
    });
    const plans = [
      { ...facts, rule, outputs: { action: 'retry' } },
      { ...facts, rule: null, outputs: {} },
      { ...facts, rule, outputs: { action: 'retry' }, without: 'Ten attempts have been made.' },
      // Resolved in between.
      null,
    ];
    for (const [at, plan] of plans.entries())
      answers.set(`GET /api/incidents/${9 - at}`, { body: { ...incident, incidentId: String(9 - at), plan } });
    const { code, out, err } = await procos(['recovery', '--limit', '4']);
    assert.equal(code, 0);
    assert.deepEqual(out, [
      'INCIDENT  PID   PROCESS  ELEMENT  ROW        ACTION                        RECOVERY',
      '9         2251  order    charge   3 (again)  retry',
      '8         2251  order    charge   none       nothing',
      '7         2251  order    charge   3 (again)  Ten attempts have been made.',
    ]);
    assert.deepEqual(err, ['1 more: procos recovery --limit 5']);
    assert.equal(asked[0]?.url, '/api/incidents?state=open&limit=4');
    answers.set('GET /api/incidents', { body: { total: 0, incidents: [] } });
    assert.match((await procos(['recovery'])).err[0] ?? '', /^No incident is open\./);
    assert.equal((await procos(['recovery', '9', '--fact', 'a=b'])).code, 2);
  });

  test('a refusal says the words of the shell where the server names an address of /api', async () => {
    const message = 'There is no process 99: see /api/processes?state=all.';
    answers.set('GET /api/processes/99', { status: 404, body: { code: 'NOT_FOUND', message } });
    for (const json of [[], ['--json']]) {
      const { code, err } = await procos(['inspect', '99', ...json]);
      assert.equal(code, 1);
      assert.match(err[0] ?? '', /There is no process 99: see procos ps --all\./);
    }
  });

  test('batch lists, begins, shows and cancels batches', async () => {
    const batch: BatchDetail = {
      pid: '31',
      operation: 'resolveIncident',
      state: 'incident',
      suspended: false,
      total: 3,
      done: 2,
      failed: 1,
      startedAt: '2026-01-01T00:57:00Z',
      endedAt: null,
      startedBy: 'user:anonymous',
      failures: [{ id: '9', reason: 'no such incident' }],
    };
    const shown = [
      'PID  OPERATION        STATE     DONE    FAILED  AGE',
      '31   resolveIncident  incident  2 of 3  1       3m',
    ];
    answers.set('GET /api/batches', { body: { total: 1, batches: [batch] } });
    assert.deepEqual((await procos(['batch'])).out, shown);
    assert.equal(asked[0]?.url, '/api/batches?state=active&limit=100');
    answers.set('POST /api/batches', { body: batch });
    const begun = await procos(['batch', 'start', 'retry', 'order']);
    assert.deepEqual(begun.out, [...shown, '', 'FAILED  REASON', '9       no such incident']);
    assert.deepEqual(JSON.parse(asked[1]?.body ?? ''), { operation: 'retry', bpmnProcessId: 'order' });
    answers.set('GET /api/batches/31', { body: batch });
    answers.set('DELETE /engine-rest/process-instance/31', { body: {} });
    assert.deepEqual((await procos(['batch', 'cancel', '31'])).out, ['canceled 31']);
    // Options behind the inner command are its own.
    const json = (await procos(['batch', 'show', '31', '--json', '--url', url])).out.join('\n');
    assert.equal(JSON.parse(json).pid, batch.pid);
    assert.equal((await procos(['batch', 'show', '32'])).code, 1);
    assert.equal((await procos(['batch', 'start', 'frob', 'order'])).code, 2);
    assert.equal((await procos(['batch', 'show'])).code, 2);
  });

  test('--json prints the answer as it came and nothing else', async () => {
    const body = { total: 5, processes: [row] };
    answers.set('GET /api/processes', { body });
    const { out, err } = await procos(['ps', '--json']);
    assert.deepEqual(JSON.parse(out.join('\n')), body);
    assert.deepEqual(err, []);
  });

  test('when nothing answers, one line says procos start, and the exit code is 1', async () => {
    for (const args of [['ps'], ['status'], ['tasks'], ['inspect', '1'], ['run', 'order'], ['shutdown'], ['logs']]) {
      const { code, out, err } = await procos([...args, '--url', 'http://127.0.0.1:4']);
      assert.equal(code, 1, args[0]);
      assert.deepEqual(out, []);
      assert.equal(err.length, 1);
      assert.match(err[0] ?? '', /procos start/);
    }
  });

  test('with --json an error is one JSON object on standard error', async () => {
    const { code, out, err } = await procos(['inspect', '99', '--json']);
    assert.equal(code, 1);
    assert.deepEqual(out, []);
    assert.deepEqual(JSON.parse(err[0] ?? ''), { code: 'NOT_FOUND', message: 'Nothing there.' });
  });

  test('wrong usage has exit code 2: unknown command, option, number, address', async () => {
    for (const args of [
      ['frob'],
      ['ps', '--frob'],
      ['ps', '--limit', '0'],
      ['inspect'],
      ['ps', '--url', 'localhost'],
      ['start', '--port', 'x'],
    ]) {
      const { code, err } = await procos(args);
      assert.equal(code, 2, args.join(' '));
      assert.equal(err.length, 1);
      const asJson = await procos([...args, '--json']);
      assert.equal(asJson.code, 2);
      assert.equal(asJson.err.length, 1);
      const { code: name, message } = JSON.parse(asJson.err[0] ?? '');
      assert.deepEqual([`procos: ${message}`], err);
      assert.match(name, /^(USAGE|SETTING)$/);
    }
  });

  test('variables are text with = and JSON with :=', () => {
    const variables = ['a=1', 'b:=1', 'c:=[{"x":true}]', 'd=x=y', 'e=', 'f=a:=b'].reduce(
      (before, argument) => collectVariable(argument, before),
      {},
    );
    assert.deepEqual(variables, { a: '1', b: 1, c: [{ x: true }], d: 'x=y', e: '', f: 'a:=b' });
    assert.throws(() => collectVariable('a:=x'), /is not JSON/);
    assert.throws(() => collectVariable('a'), /name=text/);
  });

  test('complete hands the variables over', async () => {
    answers.set('GET /api/tasks/9', { body: { taskId: '9', name: 'Approve', elementId: 'approve', pid: '2251' } });
    answers.set('POST /engine-rest/task/9/complete', { status: 204, body: null });
    const { code, out } = await procos(['complete', '9', '--var', 'approved:=true', '--var', 'note=fine']);
    assert.equal(code, 0);
    assert.deepEqual(out, ['completed 9  Approve  (process 2251)']);
    assert.deepEqual(JSON.parse(asked[1]?.body ?? ''), {
      variables: { approved: { type: 'Boolean', value: true }, note: { type: 'String', value: 'fine' } },
    });
  });

  test('activate starts activities of an ad-hoc sub-process, each with the variables', async () => {
    answers.set('POST /api/processes/7/activations', { status: 204, body: null });
    const { out } = await procos(['activate', '7', 'case', 'call', 'visit', '--var', 'who=Ada', '--cancel-remaining']);
    assert.deepEqual(out, ['activated call, visit  in case  (process 7)']);
    assert.deepEqual(JSON.parse(asked[0]?.body ?? ''), {
      elementId: 'case',
      elements: ['call', 'visit'].map((elementId) => ({ elementId, variables: { who: 'Ada' } })),
      cancelRemaining: true,
    });
  });

  test('ps --tree puts called processes below their callers; -o chooses columns; filters are asked for', async () => {
    const child = { ...row, pid: '9', parentPid: '2251', bpmnProcessId: 'pay' };
    answers.set('GET /api/processes', { body: { total: 2, processes: [child, row] } });
    const tree = await procos(['ps', '--tree', '-o', 'pid,name,parent']);
    assert.deepEqual(tree.out, ['PID   NAME   PARENT', '2251  order  1', '9       pay  2251']);
    await procos(['ps', '--incidents', '--business-key', 'K']);
    assert.equal(asked.at(-1)?.url, '/api/processes?state=incident&limit=100&businessKey=K');
    assert.equal((await procos(['ps', '-o', 'colour'])).code, 2);
  });

  test('lsof shows what a process holds, by whom and until when', async () => {
    const held = { elementId: 'send', key: null, holder: null, until: null, retries: null };
    const holdings = [
      { ...held, kind: 'externalTask', id: '3', name: 'mail', holder: 'w1', until: '2026-01-01T01:03:00Z', retries: 2 },
      { ...held, kind: 'message', id: '4', name: 'paid', key: 'A-17' },
    ];
    answers.set('GET /api/processes/7/holdings', { body: { pid: '7', holdings } });
    const { out } = await procos(['lsof', '7']);
    assert.deepEqual(out, [
      'ID  KIND          ELEMENT  NAME         HELD BY  DUE    RETRIES',
      '3   externalTask  send     mail         w1       in 3m  2',
      '4   message       send     paid [A-17]',
    ]);
    assert.deepEqual(JSON.parse((await procos(['lsof', '7', '--json'])).out[0] ?? ''), { pid: '7', holdings });
  });

  test('cron lists timers, pauses and resumes their process, and runs one now', async () => {
    const timer = {
      timerId: '5',
      bpmnProcessId: 'report',
      version: 2,
      elementId: 'daily',
      elementName: null,
      dueAt: '2026-01-01T02:00:00Z',
      repeat: 'R/P1D',
      remaining: null,
      paused: false,
    };
    answers.set('GET /api/timers', { body: { total: 1, timers: [timer] } });
    answers.set('PUT /engine-rest/process-definition/suspended', { status: 204, body: null });
    answers.set('POST /engine-rest/job/5/execute', { status: 204, body: null });
    assert.deepEqual((await procos(['cron'])).out, [
      'PROCESS  VERSION  TIMER  NEXT   AT                    CYCLE',
      'report   2        daily  in 1h  2026-01-01T02:00:00Z  R/P1D',
    ]);
    for (const [word, suspended] of [
      ['pause', true],
      ['resume', false],
    ] as const) {
      assert.deepEqual((await procos(['cron', word, 'report'])).out, [`${word}d report`]);
      const body = { processDefinitionKey: 'report', suspended, includeProcessInstances: false };
      assert.deepEqual(JSON.parse(asked.at(-1)?.body ?? ''), body);
    }
    assert.deepEqual((await procos(['cron', 'run', 'report'])).out, ['triggered daily of report']);
    assert.equal(asked.at(-1)?.url, '/engine-rest/job/5/execute');
    answers.set('GET /api/timers', { body: { total: 2, timers: [timer, { ...timer, elementId: 'weekly' }] } });
    assert.match((await procos(['cron', 'run', 'report'])).err[0] ?? '', /--timer, one of daily, weekly/);
    answers.set('GET /api/timers', { body: { total: 1, timers: [{ ...timer, paused: true }] } });
    assert.match((await procos(['cron', 'run', 'report'])).err[0] ?? '', /procos cron resume report/);
    answers.set('GET /api/timers', { body: { total: 0, timers: [] } });
    assert.match((await procos(['cron', 'run', 'report'])).err[0] ?? '', /No timer starts report/);
  });

  test('df, uptime, workers, dmesg and top --once show the system', async () => {
    const counts = { running: 2, incidents: 1, userTasks: 0, externalTasks: 3, definitions: 9 };
    const host = {
      name: 'workers',
      state: 'running',
      osPid: 42,
      topics: ['a', 'b'],
      restarts: 1,
      startedAt: row.startedAt,
      silent: false,
    };
    const worker = {
      ...{ workerId: 'w-1', name: 'Mailer', version: '2', kind: 'sdk', topics: ['mail'], capacity: 4 },
      ...{ firstSeenAt: row.startedAt, seenAt: row.startedAt, waiting: false, silent: true, locked: 1 },
      ...{ completed: 7, failed: 2, perMinute: 0, lastError: { at: row.startedAt, topic: 'mail', message: 'no\nbox' } },
    };
    const body = {
      version: '1',
      startedAt: row.startedAt,
      now: '2026-01-01T01:00:00Z',
      phase: 'ready',
      store: { kind: 'sqlite', path: '/data', sizeBytes: 1_500_000, lastSequence: 70 },
      hosts: [host],
      counts,
      residentBytes: 90_000_000,
    };
    answers.set('GET /api/system', { body });
    answers.set('GET /api/workers', { body: { workers: [worker] } });
    answers.set('GET /api/processes', {
      body: { total: 2, processes: [row, { ...row, pid: '8', state: 'incident' }] },
    });
    const line = { at: row.startedAt, level: 'info', source: 'kernel', event: 'e', text: 'Up.', fields: {} };
    answers.set('GET /api/logs', { body: { lines: [line] } });
    const lines = async (...args: string[]) => (await procos(args)).out;
    assert.deepEqual(await lines('df'), ['STORE   SIZE    RECORDS  PATH', 'sqlite  1.5 MB  70       /data']);
    assert.deepEqual(await lines('uptime'), ['up 3m, ready, 2 processes, 1 incident, 0 user tasks, 3 external tasks']);
    assert.deepEqual(await lines('workers'), [
      'HOST     STATE    OS PID  RESTARTS  AGE  TOPICS',
      'workers  running  42      1         3m   a, b',
      '',
      'WORKER    KIND  STATE   SEEN  HOLDS  DONE  FAILED  PER MIN  TOPICS  LAST ERROR',
      'Mailer 2  sdk   silent  3m    1/4    7     2       0        mail    mail: no box',
    ]);
    assert.match((await lines('dmesg'))[0] ?? '', /info +kernel +Up\.$/);
    const top = (await lines('top', '--once')).join('\n').split('\n');
    assert.equal(top[0], 'ProcOS 1 up 3m, ready, memory 90 MB');
    assert.deepEqual(
      top.slice(5).map((one) => one.split(/ +/)[0]),
      ['8', '2251'],
    );
    const json = JSON.parse((await lines('top', '--once', '--json'))[0] ?? '');
    assert.deepEqual([json.total, json.system.counts], [2, counts]);
  });

  test('topic lists who serves what, and gives a topic to a process or to workers', async () => {
    const row = {
      topic: 'rate',
      tenantId: null,
      process: 'rater',
      chosen: false,
      declaredBy: ['other', 'rater'],
      tasks: 2,
    };
    answers.set('GET /api/topics', { body: { topics: [row] } });
    assert.deepEqual((await procos(['topic'])).out, [
      'TOPIC  SERVED BY      AS        DECLARED BY   TASKS  TENANT',
      'rate   process rater  declared  other, rater  2',
    ]);
    assert.deepEqual(JSON.parse((await procos(['topic', '--json'])).out[0] ?? ''), { topics: [row] });
    answers.set('GET /api/topics', { body: { topics: [] } });
    assert.deepEqual((await procos(['topic', 'mail'])).out, ['mail is served by workers: no process declares it']);
    answers.set('POST /api/topics/rate', { body: { ...row, process: null, chosen: true } });
    assert.deepEqual((await procos(['topic', 'rate', '--by', 'workers'])).out, [
      'rate is served by workers from now on',
    ]);
    assert.deepEqual(JSON.parse(asked.at(-1)?.body ?? ''), { process: null, tenantId: null });
    assert.equal((await procos(['topic', '--by', 'workers'])).code, 2);
  });

  test('services and mount list what has registered, and what serves what', async () => {
    const service = {
      ...{ id: 'chat-1', name: 'chat', version: '2', endpoint: 'http://10.0.0.1:9/', healthUrl: null, tags: ['eu'] },
      ...{ registeredAt: row.startedAt, expiresAt: row.startedAt, healthy: false, finding: 'down', breaker: 'open' },
      ...{ calls: 9, failures: 5, active: 1 },
    };
    const topic = { topic: 'rate', tenantId: null, process: 'rater', chosen: false, declaredBy: ['rater'], tasks: 0 };
    answers.set('GET /api/services', { body: { services: [service] } });
    answers.set('GET /api/topics', { body: { topics: [topic, { ...topic, topic: 'mail', process: null }] } });
    answers.set('GET /api/workers', {
      body: { workers: [{ name: 'Mailer', version: null, kind: 'sdk', silent: true, topics: ['mail', 'fax'] }] },
    });
    assert.deepEqual((await procos(['services'])).out, [
      'NAME  VERSION  HEALTH     BREAKER  CALLS  FAILED  NOW  EXPIRES  ENDPOINT            TAGS  ID',
      'chat  2        unhealthy  open     9      5       1    in 0s    http://10.0.0.1:9/  eu    chat-1',
    ]);
    assert.deepEqual((await procos(['mount'])).out, [
      'process:rater on rate type process (declared)',
      'Mailer on mail type sdk (silent)',
      'Mailer on fax type sdk (silent)',
      'http://10.0.0.1:9/ on chat type service (2,unhealthy,open,eu)',
    ]);
    assert.deepEqual(Object.keys(JSON.parse((await procos(['mount', '--json'])).out[0] ?? '')), [
      ...['topics', 'workers', 'services'],
    ]);
  });

  test('register says that a service is there until it is interrupted, and then that it goes', async () => {
    const lease = { id: 'chat@1', expiresAt: row.startedAt, heartbeatMs: 5 };
    answers.set('POST /api/services', { body: lease });
    answers.set('DELETE /api/services/chat%401', { body: {} });
    const stop = new AbortController();
    const heartbeats = () =>
      asked.filter(({ method, url: path }) => `${method} ${path}` === 'POST /api/services').length;
    const ended = procos(
      ['register', 'chat', 'http://10.0.0.1:9/', '--tag', 'eu', '--tag', 'big'],
      { PROCOS_URL: url },
      stop.signal,
    );
    while (heartbeats() < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    const { code, out } = await ended;
    assert.deepEqual([code, out], [0, ['chat is registered as chat@1 until this ends (Ctrl-C)']]);
    assert.deepEqual(
      [asked.at(-1)?.method, asked.at(-1)?.url, JSON.parse(asked.at(-2)?.body ?? '')],
      ['DELETE', '/api/services/chat%401', { name: 'chat', endpoint: 'http://10.0.0.1:9/', tags: ['eu', 'big'] }],
    );
  });

  test('cat prints files of /proc as they are, or as JSON, and nothing from elsewhere', async () => {
    answers.set('GET /proc/7/status', { body: { Name: 'order' } });
    assert.deepEqual((await procos(['cat', '/proc/7/status'])).out, ['{"Name":"order"}']);
    assert.equal(asked.at(-1)?.accept, 'text/plain');
    assert.deepEqual((await procos(['cat', '--json', '/proc/7/status'])).out, ['{"Name":"order"}']);
    assert.equal(asked.at(-1)?.accept, 'application/json');
    for (const path of ['/etc/passwd', '/proc/../api/system', '/process'])
      assert.equal((await procos(['cat', path])).code, 2, path);
  });

  test('strace of a process that has ended says where its past is', async () => {
    answers.set('GET /api/processes/7', { body: { ...row, state: 'completed', endedAt: row.startedAt } });
    const { code, err } = await procos(['strace', '7']);
    assert.deepEqual([code, /procos logs --pid 7/.test(err[0] ?? '')], [1, true]);
  });

  test('retry, set, move and migrate send what they say, and tell what was done', async () => {
    const retried = [{ incidentId: '3', elementId: 'send', message: 'no address' }];
    answers.set('POST /api/processes/7/retries', { body: { retried } });
    answers.set('POST /api/processes/7/variables', { status: 204, body: null });
    answers.set('POST /api/processes/7/moves', { body: { moved: 2 } });
    const changed = { pid: '7', bpmnProcessId: 'order', version: 2, state: 'active', suspended: false };
    answers.set('POST /api/processes/7/signals', { body: { signal: 'HUP', received: [changed], refused: [] } });
    for (const [args, out, body] of [
      [['retry', '7', '--retries', '3'], ['tries again 7  send: no address'], { retries: 3 }],
      [['set', '7', 'a=x', 'b:=2'], ['set a  (process 7)', 'set b  (process 7)'], { variables: { a: 'x', b: 2 } }],
      [
        ['set', '7', '--scope', 'send', '--remove', 'c'],
        ['removed c  in send  (process 7)'],
        { variables: {}, remove: ['c'], scope: 'send' },
      ],
      [['move', '7', 'a', 'b'], ['moved 2 tokens from a to b  (process 7)'], { from: 'a', to: 'b' }],
      [['migrate', '7', '--to', '2'], ['runs version 2: 7  order'], { signal: 'HUP', version: 2 }],
    ] as const) {
      const reply = await procos(args);
      assert.deepEqual([reply.code, reply.out], [0, out], reply.err.join());
      assert.deepEqual(JSON.parse(asked.at(-1)?.body ?? ''), body);
    }
    for (const args of [
      ['set', '7'],
      ['set', '7', 'a'],
      ['migrate', '7', '--to', 'x'],
      ['retry', '7', '--retries', '0'],
      ['restore', 'a.db', '--live', '--data', 'elsewhere'],
      ['restore', 'a.db', '--live', '--replace'],
      ['restore', 'a.db', '--url', 'http://127.0.0.1:9'],
    ])
      assert.equal((await procos(args)).code, 2, args.join(' '));
  });

  describe('kill', () => {
    const reached = (state: string) => ({ pid: '2251', bpmnProcessId: 'order', version: 3, state, suspended: false });
    const signaled = (signal: string, state = 'active', refused: object[] = []) => {
      answers.set('GET /api/processes/2251', { body: row });
      answers.set('POST /api/processes/2251/signals', { body: { signal, received: [reached(state)], refused } });
    };

    test('without a signal it is TERM, and says whether something is being undone', async () => {
      signaled('TERM', 'canceled');
      const { code, out } = await procos(['kill', '2251', '--reason', 'wrong order']);
      assert.deepEqual([code, out], [0, ['killed 2251  order']]);
      assert.deepEqual(JSON.parse(asked.at(-1)?.body ?? ''), { signal: 'TERM', reason: 'wrong order' });
      signaled('TERM');
      assert.deepEqual((await procos(['kill', '2251'])).out, ['undoing 2251  order']);
    });

    test('-s, stop and cont send what they say, to a tree as well', async () => {
      for (const [args, signal, said] of [
        [['kill', '-s', 'kill'], 'KILL', 'killed'],
        [['kill', '-s', 'SIGSTOP'], 'STOP', 'stopped'],
        [['stop'], 'STOP', 'stopped'],
        [['cont', '--tree'], 'CONT', 'continued'],
        [['kill', '-s', 'HUP'], 'HUP', 'runs version 3:'],
        [['kill', '-s', 'USR1'], 'USR1', 'signaled'],
      ] as const) {
        signaled(signal);
        const { out } = await procos([...args, '2251']);
        assert.deepEqual(out, [`${said} 2251  order`]);
        const tree = (args as readonly string[]).includes('--tree') ? { tree: true } : {};
        assert.deepEqual(JSON.parse(asked.at(-1)?.body ?? ''), { signal, ...tree });
      }
    });

    test('who in a tree did not take it is named, and the exit code is 1', async () => {
      signaled('HUP', 'active', [{ pid: '9', code: 'INVALID_ARGUMENT', message: 'cannot be migrated' }]);
      const { code, err } = await procos(['kill', '-s', 'HUP', '--tree', '2251']);
      assert.deepEqual([code, err], [1, ['procos: 9: cannot be migrated']]);
    });

    test('-d starts a batch on all that run the process', async () => {
      const batches = [{ pid: '70', total: 2 }];
      answers.set('POST /api/signals', { status: 201, body: { signal: 'STOP', batches } });
      const { out } = await procos(['stop', '-d', 'order']);
      assert.deepEqual(out, ['batch 70 sends STOP to 2 processes: procos batch show 70']);
      assert.deepEqual(JSON.parse(asked[0]?.body ?? ''), { bpmnProcessId: 'order', signal: 'STOP' });
    });

    test('refuses PID 1, what has ended, unknown signals, and pids together with -d', async () => {
      answers.set('GET /api/processes/1', { body: { ...row, pid: '1' } });
      assert.match((await procos(['kill', '1'])).err[0] ?? '', /procos shutdown/);
      answers.set('GET /api/processes/2251', { body: { ...row, state: 'completed', endedAt: row.startedAt } });
      assert.match((await procos(['kill', '-s', 'KILL', '2251'])).err[0] ?? '', /has ended already \(completed\)/);
      for (const args of [
        ['kill'],
        ['kill', '-s', 'QUIT', '1'],
        ['stop', '1', '-d', 'x'],
        ['stop', '--tree', '-d', 'x'],
      ])
        assert.equal((await procos(args)).code, 2, args.join(' '));
      assert.ok(asked.every(({ method }) => method === 'GET'));
    });

    test('the user of the shell is told, for the audit', async () => {
      signaled('KILL', 'canceled');
      await procos(['kill', '-s', 'KILL', '2251'], { PROCOS_URL: url, USER: 'ada' });
      assert.equal(asked.at(-1)?.user, 'ada');
      await procos(['kill', '-s', 'KILL', '2251'], { PROCOS_URL: url, USER: 'Ada L\u00f6w' });
      assert.equal(asked.at(-1)?.user, undefined);
    });
  });

  test('conditions says which processes began', async () => {
    answers.set('POST /engine-rest/condition', { body: [{ id: '8' }, { id: '9' }] });
    const { out } = await procos(['conditions', '--var', 'heat:=91', '--key', 'k']);
    assert.deepEqual(out, ['started 8', 'started 9']);
    assert.deepEqual(JSON.parse(asked[0]?.body ?? ''), {
      variables: { heat: { type: 'Integer', value: 91 } },
      businessKey: 'k',
    });
    answers.set('POST /engine-rest/condition', { body: [] });
    assert.match((await procos(['conditions'])).out[0] ?? '', /nothing was started/);
  });

  test('publish says who received the message, or that it is kept', async () => {
    const received = [
      { pid: '8', started: false },
      { pid: '9', started: true },
    ];
    answers.set('POST /api/messages', { status: 201, body: { messageId: '5', received } });
    const { out } = await procos([
      'publish',
      'payment',
      '--key',
      'k',
      '--keep',
      '60',
      '--id',
      'x',
      '--var',
      'amount:=7',
    ]);
    assert.deepEqual(out, ['received by 8', 'started 9']);
    assert.deepEqual(JSON.parse(asked[0]?.body ?? ''), {
      name: 'payment',
      correlationKey: 'k',
      timeToLiveMs: 60_000,
      uniqueId: 'x',
      variables: { amount: 7 },
    });
    answers.set('POST /api/messages', { status: 201, body: { messageId: '5', received: [] } });
    assert.deepEqual((await procos(['publish', 'payment', '--keep', '5'])).out, [
      'nobody waits for it yet: kept for 5 s',
    ]);
    assert.deepEqual((await procos(['publish', 'payment'])).out, ['nobody waits for it']);
    assert.match((await procos(['publish', 'payment', '--keep', 'soon'])).err[0] ?? '', /whole number from 1/);
  });

  test('kill refuses PID 1 and what has ended', async () => {
    answers.set('GET /api/processes/1', { body: { ...row, pid: '1' } });
    answers.set('GET /api/processes/5', { body: { ...row, endedAt: row.startedAt, state: 'completed' } });
    assert.match((await procos(['kill', '1'])).err[0] ?? '', /procos shutdown/);
    assert.match((await procos(['kill', '5'])).err[0] ?? '', /has ended already/);
    assert.equal(
      asked.some(({ method }) => method === 'DELETE'),
      false,
    );
  });

  test('check prints path, line, severity and rule, and fails when a model is refused', async () => {
    writeFileSync(join(folder, 'a.bpmn'), '<x/>');
    const problem = { severity: 'error', rule: 'duplicate-id', message: 'Used twice.', elementId: 'flow', line: 12 };
    answers.set('POST /api/definitions/check', {
      body: { refused: true, findings: [{ resource: 'a.bpmn', problems: [problem] }], defines: [] },
    });
    const { code, out } = await procos(['check', 'a.bpmn']);
    assert.equal(code, 1);
    assert.equal(out[0], 'a.bpmn:12: refused: Used twice. (flow) [duplicate-id]');
  });

  test('a refused deployment prints every problem with its line', async () => {
    writeFileSync(join(folder, 'a.bpmn'), '<x/>');
    const errors = [
      { message: 'Used twice.', line: 12, mainElementId: 'flow' },
      { message: 'No topic.', line: 14, mainElementId: null },
    ];
    const details = { 'a.bpmn': { errors, warnings: [] } };
    answers.set('POST /engine-rest/deployment/create', {
      status: 400,
      body: { type: 'ParseException', message: 'no', details },
    });
    const { code, out, err } = await procos(['run', 'a.bpmn']);
    assert.equal(code, 1);
    assert.deepEqual(out, []);
    assert.deepEqual(err, [
      'a.bpmn:12: error: Used twice. (flow)',
      'a.bpmn:14: error: No topic.',
      'procos: nothing was deployed because of 2 errors.',
    ]);
  });

  test('run --no-wait hands the process to PID 1 and says its pid; --wait is what it does otherwise', async () => {
    answers.set('GET /api/system', { body: { store: { lastSequence: 7 } } });
    answers.set('POST /api/requests', { status: 201, body: { requestId: 'r', pid: '2251', definitionId: '7' } });
    const { code, out } = await procos(['run', 'order', '--no-wait', '--business-key', 'A-17', '--var', 'n:=1']);
    assert.equal(code, 0);
    assert.deepEqual(out, ['started 2251']);
    const body = { bpmnProcessId: 'order', variables: { n: 1 }, businessKey: 'A-17' };
    assert.deepEqual(JSON.parse(asked.at(-1)?.body ?? ''), body);
    answers.set('GET /api/processes/2251', { status: 500, body: { code: 'X', message: 'Followed.' } });
    for (const wait of [[], ['--wait']]) {
      assert.deepEqual((await procos(['run', 'order', ...wait])).err, ['procos: Followed.']);
    }
  });

  test('who waits for what PID 1 does not take up is told of the incident that it stands in', async () => {
    const incident = { incidentId: '9', pid: '3', elementId: 'check_environment', message: 'Only 17 MB are free.' };
    answers.set('GET /api/system', { body: { store: { lastSequence: 7 } } });
    answers.set('POST /api/requests', { status: 201, body: { requestId: '8', pid: null, definitionId: '7' } });
    answers.set('GET /api/incidents', { body: { total: 1, incidents: [incident] } });
    const why =
      'procos_system_boot stands in an incident at check_environment: Only 17 MB are free. Mend that: procos inspect 3.';
    for (const args of [['backup'], ['run', 'order'], ['restore', 'a.db', '--live']]) {
      const { code, out, err } = await procos(args);
      assert.deepEqual({ code, out }, { code: 3, out: [] });
      assert.deepEqual(err, [`procos: PID 1 has not begun it, but does so when it can within an hour: ${why}`]);
    }
    answers.set('GET /api/system', {
      body: {
        phase: 'booting',
        startedAt: row.startedAt,
        root: null,
        store: { lastSequence: 7 },
        hosts: [],
        counts: {},
      },
    });
    assert.deepEqual((await procos(['status'])).err, [`It takes nothing up yet: ${why}`]);
    const { err } = await procos(['backup', '--json']);
    assert.equal(JSON.parse(err[0] ?? '').code, 'NOT_BEGUN');
    answers.set('GET /api/events', { status: 503, body: { code: 'OVERLOADED', message: 'Later.' } });
    const waited = await procos(['run', 'order', '--keep-waiting'], undefined, AbortSignal.timeout(50));
    assert.equal(waited.code, 130);
    assert.deepEqual(waited.err, [
      `PID 1 has not begun it: ${why}`,
      'Not waiting any longer; PID 1 begins it when it can: procos ps',
    ]);
  });

  test('a restore that was canceled before it began to replace anything is not waited for', async () => {
    answers.set('GET /api/system', { body: { startedAt: 'a', phase: 'ready', store: { lastSequence: 7 } } });
    answers.set('POST /api/requests', { status: 201, body: { requestId: '8', pid: '9', definitionId: '7' } });
    answers.set('GET /api/processes/9', { body: { state: 'canceled', incidents: [] } });
    const { code, err } = await procos(['restore', 'a.db', '--live']);
    assert.equal(code, 1);
    assert.deepEqual(err, ['procos: the restore (process 9) was canceled; nothing was changed.']);
  });

  test('a folder is its models, and one without models says so', async () => {
    const docs = fileURLToPath(new URL('../../../docs', import.meta.url));
    assert.match((await procos(['deploy', docs])).err[0] ?? '', /docs: this folder holds no \.bpmn file\.$/);
    assert.match(
      (await procos(['check', docs])).err[0] ?? '',
      /docs: this folder holds no \.bpmn, \.dmn or \.form file/,
    );
    const example = fileURLToPath(new URL('../../../examples/order_c8', import.meta.url));
    assert.doesNotMatch((await procos(['check', example])).err[0] ?? '', /EISDIR|no such file/);
    assert.ok(asked.at(-1)?.body?.includes('order.bpmn'));
  });

  test('a file that is not there is named', async () => {
    assert.match((await procos(['deploy', 'b.bpmn'])).err[0] ?? '', /^procos: b\.bpmn: there is no such file\.$/);
    assert.match((await procos(['run', 'b.bpmn'])).err[0] ?? '', /^procos: b\.bpmn: there is no such file\.$/);
  });

  test('a line that names a command needs no other one', async () => {
    const shell = { exitCode: 0, environment: {}, colour: false } as Shell;
    const all = (await createProgram(shell)).commands.map((command) => command.name());
    for (const name of all) {
      const alone = await createProgram(shell, name);
      assert.deepEqual(
        alone.commands.map((command) => command.name()),
        [name],
      );
    }
  });

  test('every command has help with examples', async () => {
    const shell = { exitCode: 0, environment: {}, colour: false } as Shell;
    const all = (await createProgram(shell)).commands.flatMap((command) => [
      { path: [command.name()], inner: command.commands.length },
      ...command.commands.map((inner) => ({ path: [command.name(), inner.name()], inner: 0 })),
    ]);
    assert.ok(all.length > 20);
    for (const { path, inner } of all) {
      const { code, out } = await procos([...path, '--help']);
      assert.equal(code, 0);
      assert.match(out.join('\n'), new RegExp(`Examples:\n +(PROCOS_\\S+ )?procos ${path.join(' ')}`));
      // A command that only has others leaves the options to them.
      if (inner === 0) assert.match(out.join('\n'), /--json/);
    }
  });
});
