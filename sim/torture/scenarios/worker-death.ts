/** Workers that are killed with tasks in their hands: others get those as soon as the lease is over, and none is lost. */
import { Violation } from '../../invariants.ts';
import { type Answer, complete, fetchTasks } from '../http-face.ts';
import { JobSystem, WorkerProcess } from '../job-system.ts';
import { attempt } from '../rounds.ts';
import { emptyTally, type Run, type Scenario, type Tally } from '../scenario.ts';

/** Workers that die at the same time, each with so many tasks. */
const WORKERS = 4;
const TASKS = 5;
const LEASE_MS = 500;
/** From the end of the lease to the hand-over. */
const LATE_MS = 1_000;

export const workerDeath: Scenario = {
  name: 'worker-death',
  does: 'workers are killed (SIGKILL) with locked tasks; a waiting request must get each within its lease and a second',
  rounds: { full: 1_000, short: 8 },
  missing: () => null,
  run,
  control: { plant: 'longLease', rounds: 4, breaks: ['leasesEnd'] },
};

async function run({ rounds, plant }: Run): Promise<Tally> {
  const tally = emptyTally();
  await using system = await JobSystem.start();
  let slowestMs = 0;
  for (let turn = 0; tally.rounds < rounds; turn += 1) {
    const held = await attempt(tally, `turn ${turn}`, async () => {
      slowestMs = Math.max(slowestMs, await die(system, plant === 'longLease' ? 10 * LEASE_MS : LEASE_MS));
      tally.acknowledged += WORKERS * TASKS;
    });
    tally.rounds += WORKERS;
    if (!held) return tally;
  }
  tally.figures['slowest hand-over after the lease, ms'] = slowestMs;
  await attempt(tally, 'end', () => system.finish());
  return tally;
}

/** Gives how long after the end of their leases the last task was handed over, ms. */
async function die(system: JobSystem, leaseMs: number): Promise<number> {
  const { url } = system;
  await system.startJobs(WORKERS * TASKS);
  const workers = Array.from({ length: WORKERS }, (_, n) => new WorkerProcess(url, `worker${n}`, TASKS, leaseMs));
  const held = await Promise.all(
    workers.map(async (worker) => {
      const tasks = await worker.fetched;
      worker.signal('SIGKILL');
      return tasks;
    }),
  );
  // The last of them has locked its tasks at this time at the latest.
  const lockedAt = performance.now();
  const missing = new Set(held.flat());
  const reports: Promise<Answer>[] = [];
  while (missing.size > 0) {
    const tasks = await fetchTasks(url, {
      workerId: 'heir',
      maxTasks: 100,
      lockMs: 60_000,
      waitMs: LEASE_MS + LATE_MS,
    });
    const lateMs = performance.now() - lockedAt - LEASE_MS;
    if (tasks.length === 0 || lateMs > LATE_MS)
      throw new Violation('leasesEnd', `${missing.size} tasks were not handed over ${LATE_MS} ms after their lease`);
    for (const { id, lockCount } of tasks) {
      missing.delete(id);
      reports.push(complete(url, id, { workerId: 'heir', lockCount }));
    }
  }
  const lateMs = Math.max(0, Math.round(performance.now() - lockedAt - LEASE_MS));
  const refused = (await Promise.all(reports)).find(({ status }) => status >= 400);
  if (refused !== undefined) throw new Violation('successorIsHeard', `its report was refused with ${refused.status}`);
  return lateMs;
}
