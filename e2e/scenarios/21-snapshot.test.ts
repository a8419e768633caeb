/**
 * Scenario 21: freeze, export, wipe, import, validate; here and in another ProcOS. The processes are
 * procos_system_snapshot_export, procos_system_snapshot_import and procos_system_snapshot_validate.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Running, until } from '../running-procos.ts';

interface Report {
  readonly ok: boolean;
  readonly problems: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly definitions: readonly { readonly process: string; readonly state: string }[];
  readonly keep_ids: number;
  readonly new_ids: number;
  readonly running_here: readonly number[];
}

test('an instance in the middle of its work moves into a file, back, and to another system', {
  timeout: 110_000,
}, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'procos-snapshot-'));
  const running: Running[] = [];
  context.after(async () => {
    for (const one of running) await one.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const start = async (name: string): Promise<Running> => {
    const system = await Running.start({ data: join(folder, name) });
    running.push(system);
    return system.ready();
  };
  async function snapshot(system: Running, ...args: string[]) {
    const { code, out, err } = await system.procos('snapshot', ...args, '--json');
    assert.notEqual(out, '', err);
    const { variables } = JSON.parse(out) as { readonly variables: Readonly<Record<string, unknown>> };
    return { code, variables, report: variables['report'] as Report };
  }
  const parcels = async (system: Running, state: 'active' | 'all' = 'active') =>
    (await system.client.processes({ definition: 'parcel', state })).processes;
  const where = async (system: Running): Promise<string[]> =>
    (await parcels(system)).flatMap(({ waitsAt }) => waitsAt.map(({ elementId }) => elementId)).sort();

  const first = await start('first');
  const handed = ['--var', 'parcel=A1', '--var', 'deadline=PT10M', '--no-wait', '--json'];
  const { code, out, err } = await first.procos('run', 'examples/snapshot', ...handed);
  assert.equal(code, 0, err);
  const { pid } = JSON.parse(out) as { readonly pid: string };
  assert.deepEqual(await where(first), ['deadline', 'pack']);
  const due = (await first.client.holdings(pid)).holdings.find(({ kind }) => kind === 'timer');

  // Written while it runs: it goes on as if nothing had been.
  const copy = await snapshot(first, 'export', 'copy.snapshot');
  assert.equal(copy.code, 0);
  assert.deepEqual([(await parcels(first)).length, (await parcels(first))[0]?.suspended], [1, false]);
  const own = await snapshot(first, 'validate', 'copy.snapshot');
  assert.deepEqual(own.report.running_here, [Number(pid)]);

  const moved = await snapshot(first, 'export', '--definition', 'parcel', '--wipe', 'move.snapshot');
  assert.deepEqual([moved.code, moved.variables['wiped']], [0, 1]);
  assert.deepEqual(await parcels(first, 'all'), []);

  const inside = await snapshot(first, 'validate', 'move.snapshot');
  const { counts, definitions, keep_ids, new_ids } = inside.report;
  assert.deepEqual([counts['instances'], counts['user_tasks'], counts['timers']], [1, 1, 1]);
  assert.deepEqual(
    [definitions.map(({ process, state }) => [process, state]), keep_ids, new_ids],
    [[['parcel', 'here']], 1, 0],
  );

  // Back where it came from, under its own identity.
  const back = await snapshot(first, 'import', 'move.snapshot');
  assert.deepEqual([back.code, back.variables['mapping']], [0, { [pid]: Number(pid) }]);
  assert.deepEqual(await where(first), ['deadline', 'pack']);
  const again = (await first.client.holdings(pid)).holdings.find(({ kind }) => kind === 'timer');
  assert.deepEqual(again, due, 'the deadline is what it was');

  // Into another system, under a new one: the definition comes along.
  const second = await start('second');
  const path = join(folder, 'second', 'snapshots', 'move.snapshot');
  mkdirSync(join(folder, 'second', 'snapshots'));
  copyFileSync(join(folder, 'first', 'snapshots', 'move.snapshot'), path);
  const abroad = await snapshot(second, 'validate', 'move.snapshot');
  assert.deepEqual([abroad.report.definitions[0]?.state, abroad.report.keep_ids, abroad.report.new_ids], ['new', 0, 1]);
  const brought = await snapshot(second, 'import', 'move.snapshot');
  assert.deepEqual([brought.code, brought.variables['imported'], brought.variables['resumed']], [0, 1, 1]);
  const mapping = brought.variables['mapping'] as Record<string, number>;
  const [there] = await parcels(second);
  assert.equal(Number(there?.pid), mapping[pid]);
  assert.deepEqual(await where(second), ['deadline', 'pack']);
  const [task] = (await second.client.tasks({})).tasks;
  assert.equal((await second.procos('complete', task?.taskId ?? '')).code, 0);
  const timer = (await second.client.holdings(there?.pid ?? '')).holdings.find(({ kind }) => kind === 'timer');
  await second.client.triggerTimer(timer?.id ?? '');
  await until('the parcel is sent', async () => (await parcels(second)).length === 0);
  assert.equal(readFileSync(join(folder, 'second', 'files', 'parcels', 'A1.txt'), 'utf8'), 'sent');

  // A snapshot that is not what was written is refused, and nothing is brought.
  const bytes = readFileSync(path);
  bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 0xff;
  writeFileSync(join(folder, 'second', 'snapshots', 'bad.snapshot'), bytes);
  writeFileSync(
    join(folder, 'second', 'snapshots', 'cut.snapshot'),
    readFileSync(path).subarray(0, statSync(path).size - 40),
  );
  for (const name of ['bad.snapshot', 'cut.snapshot']) {
    const { report } = await snapshot(second, 'validate', name);
    assert.deepEqual([report.ok, report.problems.length], [false, 1], name);
    assert.match(report.problems[0] ?? '', /damaged or no snapshot/);
    const refused = await second.procos('snapshot', 'import', name);
    assert.equal(refused.code, 1);
  }
  assert.deepEqual(await parcels(second), []);

  const [head = ''] = gunzipSync(readFileSync(path)).toString('utf8').split('\n');
  assert.match(head, /^[0-9a-f]{64} \{"kind":"snapshot","format":1,/);
});
