/** Workers that are frozen beyond their lease report on tasks that somebody else has by then: nobody may believe them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Violation } from '../../invariants.ts';
import { complete, fetchTasks } from '../http-face.ts';
import { JobSystem, WorkerProcess } from '../job-system.ts';
import { attempt } from '../rounds.ts';
import { emptyTally, type Run, type Scenario, type Tally } from '../scenario.ts';

/** Tasks of one worker; a round is one stale report. */
const TASKS = 50;
const LEASE_MS = 300;
const WORKER = 'worker';

export const zombie: Scenario = {
  name: 'zombie',
  does: 'a worker is stopped (SIGSTOP) beyond its lease, its successor of the same name takes over, and it wakes up and reports',
  rounds: { full: 1_000, short: 50 },
  missing: () => (process.platform === 'win32' ? { why: 'Windows does not stop processes', component: false } : null),
  run,
  control: { plant: 'noFencing', rounds: 50, breaks: ['staleIsRefused', 'successorIsHeard'] },
};

async function run({ rounds, plant }: Run): Promise<Tally> {
  const tally = emptyTally();
  await using system = await JobSystem.start();
  for (let turn = 0; tally.rounds < rounds; turn += 1) {
    const held = await attempt(tally, `turn ${turn}`, async () => {
      tally.acknowledged += await outlive(system, turn % 2 === 0, plant !== 'noFencing');
    });
    tally.rounds += TASKS;
    if (!held) return tally;
  }
  await attempt(tally, 'end', () => system.finish());
  return tally;
}

/** `late`: the successor reports after the zombie has, else before. Gives how many tasks were completed. */
async function outlive(system: JobSystem, late: boolean, fencing: boolean): Promise<number> {
  const { url } = system;
  await system.startJobs(TASKS);
  const zombie = new WorkerProcess(url, WORKER, TASKS, LEASE_MS, fencing);
  try {
    const stale = new Set(await zombie.fetched);
    zombie.signal('SIGSTOP');
    await sleep(LEASE_MS);
    const taken = await fetchTasks(url, { workerId: WORKER, maxTasks: TASKS, lockMs: 60_000, waitMs: 5_000 });
    const same = taken.length === TASKS && taken.every(({ id }) => stale.has(id));
    if (!same) throw new Violation('leasesEnd', `${taken.length} of ${stale.size} tasks were given to the successor`);
    const finish = () =>
      Promise.all(taken.map(({ id, lockCount }) => complete(url, id, { workerId: WORKER, lockCount })));
    if (!late) assertHeard(await finish());
    zombie.signal('SIGCONT');
    const believed = (await zombie.reported).filter(([, status]) => status < 400);
    if (believed.length > 0) throw new Violation('staleIsRefused', `${believed.length} stale reports were accepted`);
    if (late) assertHeard(await finish());
    return taken.length;
  } finally {
    zombie.signal('SIGKILL');
  }
}

function assertHeard(answers: readonly { readonly status: number }[]): void {
  const refused = answers.find(({ status }) => status >= 400);
  if (refused !== undefined) throw new Violation('successorIsHeard', `its report was refused with ${refused.status}`);
}
