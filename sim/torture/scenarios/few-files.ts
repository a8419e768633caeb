/** A system that may open no more files: it stays up, and goes on when those who hold its connections let go. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Violation } from '../../invariants.ts';
import { complete, fetchTasks } from '../http-face.ts';
import { JobSystem } from '../job-system.ts';
import { attempt } from '../rounds.ts';
import { type Absence, emptyTally, type Run, type Scenario, type Tally } from '../scenario.ts';

/** Files that it may open beyond those that it has at rest: enough for its workers and for whoever does the jobs. */
const SPARE = 32;
const CONNECTIONS = 100;
const JOBS = 5;
const WITHOUT_MS = 500;
/** Once, so that all that the system does by itself, up to its look at its health every 30 s, meets it. */
const LONG_WITHOUT_MS = 32_000;
const GOES_ON_MS = 5_000;
const NEWCOMER_MS = 500;
const AT_REST_MS = 500;
const WORKER = 'worker';

export const fewFiles: Scenario = {
  name: 'few-files',
  does: 'idle connections use up all files that the system may open (prlimit), then they are closed',
  rounds: { full: 100, short: 3 },
  missing,
  run,
  control: { plant: 'neverHeals', rounds: 1, breaks: ['goesOn'] },
};

function missing(): Absence | null {
  if (process.platform !== 'linux') return { why: 'only Linux changes limits of a running process', component: false };
  const tried = spawnSync('prlimit', ['--version']);
  return tried.error === undefined
    ? null
    : { why: 'prlimit is not installed: apt-get install util-linux', component: true };
}

async function run({ rounds, plant }: Run): Promise<Tally> {
  const tally = emptyTally();
  await using system = await JobSystem.start();
  const limit = `--nofile=${(await filesAtRest(system.osPid)) + SPARE}:`;
  spawnSync('prlimit', ['--pid', String(system.osPid), limit]);
  let slowestMs = 0;
  while (tally.rounds < rounds) {
    tally.rounds += 1;
    const held = await attempt(tally, `round ${tally.rounds}`, async () => {
      await system.startJobs(JOBS);
      slowestMs = Math.max(
        slowestMs,
        await useUp(system, tally.rounds === 1 ? LONG_WITHOUT_MS : WITHOUT_MS, plant !== 'neverHeals'),
      );
      tally.acknowledged += JOBS;
    });
    if (!held) return tally;
  }
  tally.figures['slowest to go on, ms'] = Math.round(slowestMs);
  await attempt(tally, 'end', () => system.finish());
  return tally;
}

/** Gives how long it took until all jobs were done once there were files again, ms. */
async function useUp(system: JobSystem, withoutMs: number, letGo: boolean): Promise<number> {
  const { hostname, port } = new URL(system.url);
  const sockets: Socket[] = Array.from({ length: CONNECTIONS }, () =>
    connect(Number(port), hostname).on('error', () => {}),
  );
  try {
    await sleep(withoutMs);
    if (letGo) for (const socket of sockets) socket.destroy();
    const began = performance.now();
    for (;;) {
      const [stand] = await Promise.allSettled([workOn(system)]);
      if (stand.status === 'fulfilled' && stand.value === 0) return performance.now() - began;
      if (performance.now() - began > GOES_ON_MS) {
        const found = stand.status === 'fulfilled' ? `${stand.value} jobs are not done` : String(stand.reason);
        const files = `${filesOf(system.osPid)} files are open`;
        throw new Violation('goesOn', `${GOES_ON_MS} ms after there are files again: ${found}, ${files}`);
      }
      await sleep(50);
    }
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

function filesOf(osPid: number): number {
  return readdirSync(`/proc/${osPid}/fd`).length;
}

/** Its workers may still be connecting. */
async function filesAtRest(osPid: number): Promise<number> {
  for (let files = filesOf(osPid); ; ) {
    await sleep(AT_REST_MS);
    const now = filesOf(osPid);
    if (now === files) return files;
    files = now;
  }
}

/** Gives how many jobs are still to be done. */
async function workOn(system: JobSystem): Promise<number> {
  await answerNewcomers(system.url);
  const tasks = await fetchTasks(system.url, { workerId: WORKER, maxTasks: JOBS, lockMs: 1_000, waitMs: 0 });
  // Whoever is not answered is seen by what is left.
  await Promise.allSettled(tasks.map(({ id, lockCount }) => complete(system.url, id, { workerId: WORKER, lockCount })));
  return system.openJobs();
}

/** On a connection of its own: one from a pool would need no file. */
function answerNewcomers(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(`${url}/engine-rest/engine`, { agent: false, timeout: NEWCOMER_MS }, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`a newcomer is answered ${response.statusCode}`));
      });
    });
    request.on('timeout', () => request.destroy(new Error(`a newcomer waits ${NEWCOMER_MS} ms`))).on('error', reject);
  });
}
