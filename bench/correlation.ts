/** Messages to one of many instances that wait for the same name: chosen by business key (Camunda 7), by correlation key (Camunda 8). */
import {
  BENCH,
  deploy,
  inFlight,
  percentile,
  type Row,
  type Scenario,
  shown,
  startMany,
  withKernel,
} from './harness.ts';
import { CORRELATED, PUBLISHED } from './models.ts';

const FEW = 1_000;
const MESSAGES = 800;

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
    const correlate = async (from: number): Promise<{ perSecond: number; times: readonly number[]; cpuUs: number }> => {
      const before = engine.count('subscriptions');
      const cpu = process.cpuUsage();
      const measured = await inFlight(MESSAGES, 64, async (index) => {
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
      return { ...measured, cpuUs: (user + system) / MESSAGES };
    };
    await startUpTo(FEW + MESSAGES);
    // Compiled and cached.
    await correlate(0);
    await startUpTo(FEW + 2 * MESSAGES);
    const few = await correlate(MESSAGES);
    await startUpTo(many);
    const beside = await correlate(Math.floor(many / 2));
    const ratio = percentile(beside.times, 50) / percentile(few.times, 50);
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
