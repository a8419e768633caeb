/** Bad models: whatever is in the file, it is read or refused with reasons, and what is accepted runs clean. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readProcesses } from '@procos/bpmn';
import { DEFAULT_LIMITS, type Limits } from '@procos/engine';
import { Wilderness } from '../../packages/engine/stories/wilderness.ts';
import { World } from '../../packages/engine/stories/world.ts';
import { Chance } from '../random.ts';
import { mutate } from './mutate.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
/** Processor time that reading one file may take at most, ms: whatever else the machine does. */
const MAX_READ_MS = 2_000;
/** The invariants are looked at after every command: a loop that never waits is stopped earlier than in a system. */
const FEW_LAPS: Limits = { ...DEFAULT_LIMITS, laps: 100, stepsWithoutWait: 20_000 };
/** What is done to each accepted model. */
const ACTS = 100;

export interface FuzzResult {
  readonly files: number;
  readonly accepted: number;
  /** The file that took most processor time to read. */
  readonly slowest: { readonly seed: number; readonly ms: number };
  /** Seed and reason; none is what everybody hopes for. */
  readonly failures: readonly { readonly seed: number; readonly why: string }[];
}

/** Models of the project, and those of the interchange working group where they lie beside it. */
export function corpus(): readonly string[] {
  const patterns = [
    // Twice: most of the others are refused as they are.
    'packages/engine/fixtures/*.bpmn',
    'packages/engine/fixtures/*.bpmn',
    'packages/bpmn/fixtures/refused/*.bpmn',
    'examples/**/*.bpmn',
    'system/*.bpmn',
    '../shared/data/miwg/*.bpmn',
  ];
  return patterns
    .flatMap((pattern) => globSync(join(PROJECT, pattern)).toSorted())
    .map((path) => readFileSync(path, 'utf8'));
}

/** One file for every seed from `first` on. */
export async function fuzz(models: readonly string[], first: number, count: number): Promise<FuzzResult> {
  const failures: { seed: number; why: string }[] = [];
  let accepted = 0;
  let slowest = { seed: first, ms: 0 };
  for (let seed = first; seed < first + count; seed += 1) {
    const chance = new Chance(seed);
    const text = mutate(models, chance);
    try {
      const before = process.cpuUsage();
      const { processes, problems } = await readProcesses(text);
      const { user, system } = process.cpuUsage(before);
      const tookMs = (user + system) / 1_000;
      if (tookMs > slowest.ms) slowest = { seed, ms: tookMs };
      if (tookMs > MAX_READ_MS) failures.push({ seed, why: `reading took ${Math.round(tookMs)} ms` });
      if (problems.some(({ rule, message }) => rule === '' || message === ''))
        failures.push({ seed, why: 'a problem without words' });
      if (processes.length === 0) {
        if (!problems.some(({ severity, rule }) => severity === 'error' || rule === 'no-executable-process'))
          failures.push({ seed, why: 'refused without a reason' });
        continue;
      }
      accepted += 1;
      const world = new World();
      world.limits = FEW_LAPS;
      // The engine may still refuse, e.g. a start event's timer that is no time.
      if (!world.deployModels('fuzz.bpmn', text, processes).ok) continue;
      const wilderness = new Wilderness(world, (below) => chance.below(below));
      for (let act = 0; act < ACTS; act += 1) wilderness.act();
      world.assertReplayEqual();
    } catch (error) {
      failures.push({
        seed,
        why:
          error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' | ') : String(error),
      });
    }
  }
  return { files: count, accepted, slowest: { ...slowest, ms: Math.round(slowest.ms) }, failures };
}

export function spoiled(models: readonly string[], seed: number): string {
  return mutate(models, new Chance(seed));
}
