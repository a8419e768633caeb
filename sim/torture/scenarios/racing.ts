/** Four reporters at once for each task: one change of state, whoever is first. */
import { Violation } from '../../invariants.ts';
import { complete, fetchTasks, post } from '../http-face.ts';
import { JobSystem } from '../job-system.ts';
import { attempt } from '../rounds.ts';
import { emptyTally, type Run, type Scenario, type Tally } from '../scenario.ts';

const REPORTERS = 4;
const AT_ONCE = 50;
const WORKER = 'worker';

export const racing: Scenario = {
  name: 'racing',
  does: 'four requests at once complete the same task; of every fifth task one of them fails it or takes its lock away',
  rounds: { full: 10_000, short: 200 },
  missing: () => null,
  run,
  control: { plant: 'sameKey', rounds: 50, breaks: ['oneIsAccepted'] },
};

async function run({ rounds, plant }: Run): Promise<Tally> {
  const tally = emptyTally();
  await using system = await JobSystem.start();
  while (tally.rounds < rounds) {
    const held = await attempt(tally, `task ${tally.rounds}`, async () => {
      await system.startJobs(AT_ONCE);
      let left = AT_ONCE;
      while (left > 0) left -= await race(system.url, left === AT_ONCE, plant === 'sameKey');
    });
    tally.rounds += AT_ONCE;
    tally.acknowledged += AT_ONCE;
    if (!held) return tally;
  }
  await attempt(tally, 'end', () => system.finish());
  return tally;
}

/** Gives how many tasks were completed: those that were failed or unlocked first come again, then to be completed only. */
async function race(url: string, spoils: boolean, sameKey: boolean): Promise<number> {
  const tasks = await fetchTasks(url, { workerId: WORKER, maxTasks: AT_ONCE, lockMs: 60_000, waitMs: 5_000 });
  const ends = tasks.map(async ({ id, lockCount }, index) => {
    const holder = { workerId: WORKER, lockCount };
    // Those who repeat one request with its key are all told that it was accepted.
    const headers = (): Record<string, string> => (sameKey ? { 'idempotency-key': `complete-${id}` } : {});
    const reports = Array.from({ length: REPORTERS }, () => () => complete(url, id, holder, headers()));
    const task = `${url}/engine-rest/external-task/${id}`;
    let spoiler = -1;
    if (spoils && index % 5 === 0) {
      spoiler = (index / 5) % REPORTERS;
      const retry = { ...holder, errorMessage: 'once more', retries: 3, retryTimeout: 0 };
      reports[spoiler] =
        index % 2 === 0 ? () => post(`${task}/failure`, retry) : () => post(`${task}/unlock`, { lockCount });
    }
    const answers = await Promise.all(reports.map((report) => report()));
    const completed = answers.filter(({ status }, n) => n !== spoiler && status < 400).length;
    const spoilt = spoiler >= 0 && (answers[spoiler]?.status ?? 0) < 400;
    if (completed + Number(spoilt) !== 1)
      throw new Violation('oneIsAccepted', `task ${id}: ${JSON.stringify(answers.map(({ status }) => status))}`);
    return completed;
  });
  return (await Promise.all(ends)).reduce((sum, completed) => sum + completed, 0);
}
