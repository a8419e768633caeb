/** Messages to one of many instances that wait for the same name: chosen by business key (Camunda 7), by correlation key (Camunda 8). Medians of rounds, after some that are not measured. */
import {
  BENCH,
  deploy,
  inFlight,
  median,
  percentile,
  type Row,
  type Scenario,
  shown,
  startMany,
  withKernel,
} from './harness.ts';
import { CORRELATED, PUBLISHED } from './models.ts';

const FEW = 1_000;
/** Of one round. */
const MESSAGES = 800;
/** What a server that runs has compiled. */
const FIRST_ROUNDS = 8;
const ROUNDS = 5;

interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly cpuUs: number;
}

export const correlation: Scenario = {
  name: 'correlation',
  title: 'Correlation of a message to one of many waiting instances',
  async run(size) {
    const many = size === 'full' ? 1_000_000 : 20_000;
    return [
      ...(await measure('by business key', 'correlated', CORRELATED, many)),
      ...(await measure('by correlation key', 'published', PUBLISHED, many)),
    ];
  },
};

function measure(what: string, bpmnProcessId: string, model: string, many: number): Promise<readonly Row[]> {
  return withKernel(async (kernel) => {
    const { engine } = kernel;
    await deploy(kernel, bpmnProcessId, model);
    let started = 0;
    const startUpTo = async (count: number): Promise<void> => {
      const from = started;
      await startMany(
        kernel,
        bpmnProcessId,
        count - from,
        (index) => {
          const key = `order-${from + index}`;
          return { businessKey: key, variables: { orderId: { type: 'String', value: key } } };
        },
        250,
      );
      started = count;
    };
    const correlate = async (from: number): Promise<Measured> => {
      const before = engine.count('subscriptions');
      const cpu = process.cpuUsage();
      const { perSecond, times } = await inFlight(MESSAGES, 64, async (index) => {
        const key = `order-${from + index}`;
        const outcome =
          bpmnProcessId === 'correlated'
            ? await engine.submit({ type: 'correlateMessage', name: 'paid', businessKey: key, all: false }, BENCH)
            : await engine.submit(
                { type: 'publishMessage', name: 'paid', correlationKey: key, timeToLiveMs: 0 },
                BENCH,
              );
        if (!outcome.ok || outcome.value.correlated.length !== 1) throw new Error(`${key}: ${JSON.stringify(outcome)}`);
      });
      const { user, system } = process.cpuUsage(cpu);
      const taken = before - engine.count('subscriptions');
      if (taken !== MESSAGES) throw new Error(`${taken} of ${MESSAGES} messages were taken`);
      return { perSecond, p50: percentile(times, 50), cpuUs: (user + system) / MESSAGES };
    };
    let next = 0;
    const rounds = async (count: number): Promise<Measured> => {
      const all: Measured[] = [];
      for (let round = 0; round < count; round += 1) {
        await startUpTo(started + MESSAGES);
        all.push(await correlate(next));
        next += MESSAGES;
      }
      const of = (part: keyof Measured): number => median(all.map((one) => one[part]));
      return { perSecond: of('perSecond'), p50: of('p50'), cpuUs: of('cpuUs') };
    };
    await startUpTo(FEW);
    await rounds(FIRST_ROUNDS);
    const few = await rounds(ROUNDS);
    await startUpTo(next + many);
    // Neither the first nor the last that began to wait.
    next += Math.floor(many / 2);
    const beside = await rounds(ROUNDS);
    const ratio = beside.p50 / few.p50;
    return [
      {
        what: `${what}, ${shown(many)} subscriptions, messages/s`,
        value: shown(beside.perSecond),
        beside: `goal ≥ 10,000; ${shown(few.perSecond)} with ${shown(FEW)}`,
      },
      { what: `${what}, p50 as a multiple of that with ${shown(FEW)}`, value: ratio.toFixed(2), beside: 'goal ≤ 1.2' },
      {
        what: `${what}, processor time per message, µs`,
        value: shown(beside.cpuUs),
        beside: `${shown(few.cpuUs)} with ${shown(FEW)}`,
      },
    ];
  });
}
