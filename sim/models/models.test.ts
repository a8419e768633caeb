/** Random models run clean: a short run of what `npm run models` does for hours. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readProcesses } from '@procos/bpmn';
import { Chance } from '../random.ts';
import { cells, covered } from './coverage.ts';
import { generateModel } from './generate.ts';
import { perform, playOf } from './play.ts';
import { shrink } from './shrink.ts';
import { playInSlices } from './slices.ts';
import type { Result } from './tally.ts';
import { print, tag } from './xml.ts';

/** As many as fit into about that time, ms; the seeds are always the same ones, from 1 on. */
const TIME_MS = 20_000;
const AT_MOST = 500;
/** Of the process instances of a long run; most models are made to end. */
const LEFT_AT_MOST = 0.2;

describe('random models', () => {
  it('are accepted and run clean: replay, stored state, counts, and a named reason for everything that has not ended', async () => {
    const until = performance.now() + TIME_MS;
    let [started, left] = [0, 0];
    for (let seed = 1; seed <= AT_MOST && performance.now() < until; seed += 1) {
      try {
        const played = await perform(playOf(seed));
        started += played.started;
        left += played.left;
      } catch (error) {
        throw new Error(`npm run models -- --seed ${seed} --shrink`, { cause: error });
      }
    }
    assert.ok(started > 0 && left < started * LEFT_AT_MOST, `${left} of ${started} process instances have not ended`);
  });

  it('contain every element type, every kind of event in every position, and all that sits on them, in both dialects', async () => {
    const missing = new Set(cells());
    for (let seed = 1; missing.size > 0 && seed <= 500; seed += 1) {
      const { processes } = await readProcesses(generateModel(new Chance(seed), 120).xml);
      for (const model of processes) for (const cell of covered(model)) missing.delete(cell);
    }
    assert.deepEqual([...missing], []);
  });

  it('the same seed gives the same model and the same acts', () => {
    assert.deepEqual(playOf(7), playOf(7));
  });

  it('are played in slices, and one that ends its process is one failure', async () => {
    const results: Result[] = [];
    await playInSlices(1, 3, 2, (result) => results.push(result));
    assert.deepEqual(
      results.map(({ seed, failure }) => [seed, failure]),
      [
        [1, null],
        [2, null],
        [3, null],
      ],
    );
    const dead: Result[] = [];
    await playInSlices(1, 2, 2, (result) => dead.push(result), 16);
    assert.deepEqual(
      dead.map(({ seed }) => seed),
      [1, 2],
    );
    for (const { failure } of dead) assert.match(failure ?? '', /^ended its process: /);
  });

  it('a failure is made small: what has no part in it is dropped', async () => {
    const play = playOf(3);
    // Refused by the deploy check, whatever else is in the file.
    const spoiled = { ...play, tree: { ...play.tree, children: [...play.tree.children, tag('bpmn:nonsense')] } };
    const error = await perform(spoiled).then(
      () => assert.fail('it was accepted'),
      (found: unknown) => found,
    );
    const small = await shrink(spoiled, error);
    assert.equal(small.play.acts.length, 0);
    assert.ok(print(small.play.tree).length < 1_000, print(small.play.tree));
  });
});
