/** Instances per second from start to end: durable here (acknowledged after the sync), in memory in bpmn-engine; A B A B, medians of five. */
import type { RunningKernel } from '@procos/kernel';
import * as Elements from 'bpmn-elements';
import { Engine } from 'bpmn-engine';
import BpmnModdle from 'bpmn-moddle';
import serialize, { TypeResolver } from 'moddle-context-serializer';
import { median, type Row, type Scenario, withKernel } from './harness.ts';
import { models } from './models.ts';

const ROUNDS = 5;
const OURS = 4_000;
const THEIRS = 100;
const IN_FLIGHT = 64;
const BENCH = { kind: 'user', id: 'bench' } as const;

export const throughput: Scenario = {
  name: 'throughput',
  title: 'Throughput in process, durable, 64 in flight, beside bpmn-engine (in memory)',
  run: () => withKernel(compare),
};

async function compare(kernel: RunningKernel): Promise<readonly Row[]> {
  const ours = models('${amount &gt; 100}');
  const theirs = models('${environment.variables.big}');
  const rows: Row[] = [];
  for (const key of ['a', 'b', 'c'] as const) {
    await deploy(kernel, `${key}.bpmn`, ours[key]);
    const mine: number[] = [];
    const peer: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      mine.push(await measureOurs(kernel, key));
      peer.push(await measureTheirs(theirs[key]));
    }
    const [a, b] = [median(mine), median(peer)];
    rows.push({
      what: `${key}: instances/s`,
      value: a.toFixed(0),
      beside: `bpmn-engine ${b.toFixed(0)}, ratio ${(a / b).toFixed(0)}`,
    });
  }
  return rows;
}

async function deploy(kernel: RunningKernel, name: string, content: string): Promise<void> {
  const outcome = await kernel.engine.deploy(
    { name, source: null, tenantId: null, resources: [{ name, content }], skipUnchanged: false },
    BENCH,
  );
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.findings));
}

async function measureOurs({ engine }: RunningKernel, bpmnProcessId: string): Promise<number> {
  let left = OURS;
  const begin = performance.now();
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const outcome = await engine.submit(
        {
          type: 'createProcessInstance',
          definition: { bpmnProcessId },
          variables: { amount: { type: 'Integer', value: left % 200 } },
        },
        BENCH,
      );
      if (!outcome.ok || !outcome.value.ended) throw new Error(`an instance of ${bpmnProcessId} did not end`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, one));
  return OURS / ((performance.now() - begin) / 1_000);
}

/** The model is parsed once, as its users do who care: every instance shares the serialized context. */
async function measureTheirs(source: string): Promise<number> {
  const sourceContext = serialize(await new BpmnModdle().fromXML(source), TypeResolver(Elements));
  const begin = performance.now();
  for (let done = 0; done < THEIRS; done += 1) {
    const engine = new Engine({ name: `bench-${done}`, sourceContext, variables: { big: done % 2 === 0 } });
    const ended = engine.waitFor('end');
    await engine.execute();
    await ended;
  }
  return THEIRS / ((performance.now() - begin) / 1_000);
}
