/**
 * A loop of 10,000 automatic tasks, all at once and one after the other: elements a second, and that ten times as many take ten times
 * as long, each once it takes no less of the processor any more. A round is over when a query has seen that the instance has ended: nothing that its history costs is put off until later.
 */
import {
  BENCH,
  deploy,
  median,
  ownProcessorMs,
  type Row,
  type Scenario,
  shown,
  warmUp,
  withKernel,
} from './harness.ts';
import { loop } from './models.ts';

const ROUNDS = 5;
const FEW = 1_000;
const MANY = 10_000;

export const multiInstance: Scenario = {
  name: 'multi-instance',
  title: 'Loops of many instances',
  run: () =>
    withKernel(async (kernel) => {
      const rows: Row[] = [];
      for (const [what, sequential] of [
        ['parallel', false],
        ['sequential', true],
      ] as const) {
        const us: number[] = [];
        let wallSeconds = 0;
        for (const items of [FEW, MANY]) {
          const id = `${what}_${items}`;
          await deploy(kernel, id, loop(id, sequential, items));
          const [times, walls]: [number[], number[]] = [[], []];
          let ended = 0;
          const once = () => runToEnd(kernel, id, ++ended);
          await warmUp(once, ownProcessorMs);
          for (let round = 0; round < ROUNDS; round += 1) {
            const cpu = process.cpuUsage();
            const begin = performance.now();
            await once();
            walls.push((performance.now() - begin) / 1_000);
            const { user, system } = process.cpuUsage(cpu);
            times.push((user + system) / items);
          }
          const done = kernel.engine.count('elementInstances', {
            where: [
              { column: 'elementId', op: '=', value: 'each' },
              { column: 'bpmnProcessId', op: '=', value: id },
              { column: 'outcome', op: '=', value: 'completed' },
            ],
          });
          if (done !== ended * (items + 1)) throw new Error(`${done} of ${ended * (items + 1)} elements of ${id}`);
          us.push(median(times));
          wallSeconds = median(walls);
        }
        const [few = Number.NaN, many = Number.NaN] = us;
        rows.push(
          { what: `${what}, ${shown(MANY)}: elements/s`, value: shown(MANY / wallSeconds), beside: 'goal ≥ 30,000' },
          {
            what: `${what}: processor time per element, µs`,
            value: shown(many),
            beside: `linear; ${shown(few)} with ${shown(FEW)}`,
          },
        );
      }
      return rows;
    }),
};

/** A long command goes on in others: until the instance has ended, and the views say so. `ended`: so many have then. */
async function runToEnd(
  { engine }: Parameters<Parameters<typeof withKernel>[0]>[0],
  id: string,
  ended: number,
): Promise<void> {
  const end = Promise.withResolvers<void>();
  let instance = 0;
  const endedOnes = new Set<number>();
  const stop = engine.onCommitted((records) => {
    for (const { events } of records)
      for (const event of events) {
        if (event.type !== 'processInstanceCompleted') continue;
        endedOnes.add(event.processInstanceId);
        if (event.processInstanceId === instance) end.resolve();
      }
  });
  const outcome = await engine.submit({ type: 'createProcessInstance', definition: { bpmnProcessId: id } }, BENCH);
  if (!outcome.ok) throw new Error(outcome.rejection.message);
  instance = outcome.value.processInstanceId;
  if (!endedOnes.has(instance) && !outcome.value.ended) await end.promise;
  stop();
  const seen = engine.count('processInstances', {
    where: [
      { column: 'bpmnProcessId', op: '=', value: id },
      { column: 'state', op: '=', value: 'completed' },
    ],
  });
  if (seen !== ended) throw new Error(`the views show ${seen} of ${ended} instances of ${id} as ended`);
}
