/** Many timers that wait for a far day and many that come due at one instant: how fast these are worked off, and how long others wait meanwhile. */
import { BENCH, deploy, percentile, type Row, type Scenario, shown, startMany, withKernel } from './harness.ts';
import { models, TIMER } from './models.ts';

const DAY_MS = 86_400_000;
/** What a server that runs has compiled: these are not measured. */
const FIRST_CROWDS = 3;
const FIRST_CROWD = 5_000;

interface Crowd {
  readonly perSecond: number;
  readonly cpuUs: number;
  /** Of other commands, ms. */
  readonly waits: readonly number[];
}

export const timers: Scenario = {
  name: 'timers',
  title: 'Many timers, many due at once',
  async run(size) {
    const [waiting, due] = size === 'full' ? [1_000_000, 100_000] : [20_000, 10_000];
    return withKernel(async (kernel) => {
      const { engine } = kernel;
      await deploy(kernel, 'timer', TIMER);
      await deploy(kernel, 'a', models('').a);
      const until = (at: number) => () =>
        ({ variables: { due: { type: 'String', value: new Date(at).toISOString() } } }) as const;
      const { perSecond } = await startMany(kernel, 'timer', waiting, until(Date.now() + 30 * DAY_MS), 250);
      let began = 0;
      /** So many that come due at one instant, worked off. */
      const crowd = async (count: number): Promise<Crowd> => {
        let dueAt = 0;
        // The system has timers of its own.
        const left = (): number =>
          engine.count('timers', {
            where: [
              { column: 'elementId', op: '=', value: 'wait' },
              { column: 'dueAt', op: '<=', value: dueAt },
            ],
          });
        // Far enough that the last of them is started before; on a machine that is busy otherwise, a second try.
        for (const share of [3, 8, 20]) {
          dueAt = Date.now() + Math.ceil((count / perSecond) * share * 1_000) + 3_000;
          await startMany(kernel, 'timer', count, until(dueAt), 250);
          began += count;
          if (left() === count && Date.now() < dueAt) break;
        }
        if (left() !== count || Date.now() >= dueAt) throw new Error('some came due while others were still started');
        let triggered = 0;
        let lastAt = 0;
        const stop = engine.onCommitted((records) => {
          for (const { command } of records) if (command === 'triggerTimer') triggered += 1;
          lastAt = performance.now();
        });
        await new Promise((resolve) => setTimeout(resolve, dueAt - Date.now()));
        const begin = performance.now();
        const cpu = process.cpuUsage();
        const waits: number[] = [];
        while (triggered < count) {
          const at = performance.now();
          const outcome = await engine.submit(
            { type: 'createProcessInstance', definition: { bpmnProcessId: 'a' } },
            BENCH,
          );
          if (!outcome.ok) throw new Error(outcome.rejection.message);
          waits.push(performance.now() - at);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        const { user, system } = process.cpuUsage(cpu);
        stop();
        const ended = engine.count('processInstances', {
          where: [
            { column: 'bpmnProcessId', op: '=', value: 'timer' },
            { column: 'state', op: '=', value: 'completed' },
          ],
        });
        if (left() !== 0 || ended !== began) throw new Error(`${left()} timers left, ${ended} instances ended`);
        return { perSecond: count / ((lastAt - begin) / 1_000), cpuUs: (user + system) / count, waits };
      };
      for (let one = 0; one < FIRST_CROWDS; one += 1) await crowd(FIRST_CROWD);
      const { perSecond: triggered, cpuUs, waits } = await crowd(due);
      return [
        {
          what: `${shown(due)} of ${shown(waiting + due)} timers due at once, triggered/s`,
          value: shown(triggered),
          beside: 'goal ≥ 20,000',
        },
        { what: 'processor time per timer, µs', value: shown(cpuUs), beside: '' },
        { what: 'another command meanwhile, p99, ms', value: percentile(waits, 99).toFixed(1), beside: 'goal ≤ 50' },
        { what: 'the longest, ms', value: Math.max(...waits).toFixed(1), beside: '' },
      ] satisfies Row[];
    });
  },
};
