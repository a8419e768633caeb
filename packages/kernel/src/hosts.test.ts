/** Worker hosts as real child processes: ready, drained, killed, broken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from './clock.ts';
import { type HostExit, Hosts } from './hosts.ts';
import type { HostSpec } from './kernel-port.ts';
import { standStill } from './testing/standstill.ts';
import { quietLog } from './testing/system.ts';

const SCRIPT = fileURLToPath(new URL('./testing/host.ts', import.meta.url));
const spec = (name: string, behaviour: string): HostSpec => ({
  name,
  command: process.execPath,
  args: [SCRIPT, behaviour],
  env: {},
});

function bench(specs: readonly HostSpec[], readyMs = 10_000, silentMs = 600) {
  const log = quietLog();
  const exits: HostExit[] = [];
  let heard = (): void => {};
  const hosts = new Hosts({
    specs,
    log,
    clock: systemClock,
    readyMs,
    silentMs,
    onExited: (exit) => {
      exits.push(exit);
      heard();
    },
  });
  const nextExit = (): Promise<void> =>
    new Promise((resolve) => {
      heard = resolve;
    });
  return { hosts, log, exits, nextExit };
}

test('a started host is ready with its topics, its words are in the log, and starting it again changes nothing', async () => {
  const { hosts, log } = bench([spec('workers', 'good')]);
  const [first, second] = await Promise.all([hosts.start('workers'), hosts.start('workers')]);
  assert.deepEqual(first, { started: true, topics: ['mail', 'file'] });
  assert.equal(second, first);
  const [status] = hosts.status();
  assert.deepEqual([status?.state, status?.topics, status?.restarts], ['running', ['mail', 'file'], 0]);
  assert.deepEqual(await hosts.start('workers'), first);
  const line = log.recent(10).find(({ event }) => event === 'host_says');
  assert.deepEqual([line?.source, line?.fields], ['workers', { answer: 42 }]);
  assert.equal(await hosts.drain('workers', 5_000), true);
});

test('a drained host is stopped and its end is reported to nobody', async () => {
  const { hosts, exits } = bench([spec('workers', 'good')]);
  await hosts.start('workers');
  assert.equal(await hosts.drain('workers', 5_000), true);
  assert.deepEqual([hosts.status()[0]?.state, hosts.status()[0]?.osPid], ['stopped', null]);
  assert.deepEqual(exits, []);
});

test('a host that does not finish in time is ended by force', async () => {
  const { hosts } = bench([spec('workers', 'stubborn')]);
  await hosts.start('workers');
  assert.equal(await hosts.drain('workers', 50), false);
  assert.equal(hosts.status()[0]?.state, 'stopped');
});

test('a killed host is reported with a back-off that grows, and runs again after a start', async () => {
  const { hosts, exits, nextExit } = bench([spec('workers', 'good')]);
  for (let round = 0; round < 2; round++) {
    await hosts.start('workers');
    const exit = nextExit();
    process.kill(hosts.status()[0]?.osPid ?? 0, 'SIGKILL');
    await exit;
  }
  assert.deepEqual(
    exits.map(({ quickFailures, backOff, reason }) => [quickFailures, backOff, reason]),
    [
      [1, 'PT1S', 'signal SIGKILL'],
      [2, 'PT2S', 'signal SIGKILL'],
    ],
  );
  assert.deepEqual(hosts.unattended(), []);
  hosts.leave('workers');
  assert.deepEqual(hosts.unattended(), ['workers']);
  assert.equal((await hosts.start('workers')).started, true);
  assert.deepEqual(hosts.unattended(), []);
  assert.equal(hosts.status()[0]?.restarts, 2);
  await hosts.drain('workers', 5_000);
});

test('a host that exits at once, or whose program is missing, has not started; only the asker hears of it', async () => {
  const missing: HostSpec = { name: 'missing', command: '/does/not/exist', args: [], env: {} };
  const { hosts, exits } = bench([spec('broken', 'broken'), missing]);
  const broken = await hosts.start('broken');
  assert.ok(!broken.started && broken.reason === 'exit code 3' && broken.quickFailures === 1);
  const absent = await hosts.start('missing');
  assert.ok(!absent.started && /ENOENT/.test(absent.reason));
  assert.deepEqual(exits, []);
});

test('a host that never says it is ready is ended', async () => {
  const { hosts } = bench([spec('mute', 'mute')], 300);
  const start = await hosts.start('mute');
  assert.ok(!start.started && start.reason === 'signal SIGKILL');
});

test('a stopped host that nobody takes care of is unattended', async () => {
  const { hosts } = bench([spec('workers', 'good')]);
  assert.deepEqual(hosts.unattended(), ['workers']);
  await hosts.start('workers');
  assert.deepEqual(hosts.unattended(), []);
  await hosts.drain('workers', 5_000);
  assert.deepEqual(hosts.unattended(), ['workers']);
});

test('a host that stands still is told of as silent, once, and the next start replaces it', async (t) => {
  const { hosts, log, exits, nextExit } = bench([spec('workers', 'alive')]);
  t.after(() => hosts.killAll());
  await hosts.start('workers');
  const osPid = hosts.status()[0]?.osPid ?? 0;
  const told = nextExit();
  t.after(standStill(osPid));
  await told;
  const [status] = hosts.status();
  assert.deepEqual([status?.state, status?.silent, status?.osPid], ['running', true, osPid]);
  assert.deepEqual(
    exits.map(({ host, quickFailures, reason }) => [host, quickFailures, reason]),
    [['workers', 1, 'silent for 1 s']],
  );
  assert.deepEqual(hosts.unattended(), []);
  hosts.leave('workers');
  assert.deepEqual(hosts.unattended(), ['workers']);
  assert.equal((await hosts.start('workers')).started, true);
  const [next] = hosts.status();
  assert.deepEqual([next?.silent, next?.restarts, next?.osPid === osPid], [false, 1, false]);
  assert.equal(exits.length, 1);
  assert.throws(() => process.kill(osPid, 0), /ESRCH/);
  assert.equal(log.recent(50).filter(({ event }) => event === 'worker_host_silent').length, 1);
  // The next time it counts as one more in a row.
  const again = nextExit();
  t.after(standStill(next?.osPid ?? 0));
  await again;
  assert.deepEqual([exits[1]?.quickFailures, exits[1]?.backOff], [2, 'PT2S']);
});

test('a host that was only slow to answer is left alone by whoever had been told', async (t) => {
  const { hosts, nextExit, log } = bench([spec('workers', 'alive')]);
  t.after(() => hosts.killAll());
  await hosts.start('workers');
  const osPid = hosts.status()[0]?.osPid ?? 0;
  const told = nextExit();
  const goOn = standStill(osPid);
  t.after(goOn);
  await told;
  const heard = new Promise<void>((resolve) => {
    log.follow(({ event }) => {
      if (event === 'worker_host_heard') resolve();
    });
  });
  goOn();
  await heard;
  assert.equal((await hosts.start('workers')).started, true);
  assert.equal(hosts.status()[0]?.osPid, osPid);
});
