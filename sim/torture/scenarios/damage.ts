/** Crash images with damage: bits that flip in the store and in its write-ahead log, and logs that are cut off. */
import { rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type FileVerification, StoreRefusal, verifySqliteFile } from '@procos/store';
import { Violation } from '../../invariants.ts';
import { Chance } from '../../random.ts';
import { bytesOf, type Content, contentAfterStart, FRAME_BYTES, flipBit, Image, usedBytes } from '../image.ts';
import { attempt } from '../rounds.ts';
import { emptyTally, type Run, type Scenario, type Tally } from '../scenario.ts';

const VARIANTS_PER_IMAGE = 50;
const TAIL_FRAMES = 3;

type Kind = 'cut' | 'tail' | 'log' | 'file' | 'torn';
/** `torn`: a cut without the note beside it, as after power loss: what was not synced yet is gone. */
const KINDS: readonly Kind[] = ['cut', 'tail', 'log', 'file', 'torn'];

export const damage: Scenario = {
  name: 'damage',
  does: 'bits that flip in crash images, in the log and in old pages, and logs that are cut off at any byte',
  rounds: { full: 10_000, short: 100 },
  missing: () => null,
  run,
  control: { plant: 'noAnchor', rounds: 40, breaks: ['acknowledgedSurvives'] },
};

async function run({ rounds, seed, plant }: Run): Promise<Tally> {
  const chance = new Chance(seed);
  const tally = emptyTally();
  while (tally.rounds < rounds) {
    using image = await Image.make(chance, 1 + chance.below(2));
    tally.acknowledged += image.acknowledged;
    const upTo = Math.min(rounds, tally.rounds + VARIANTS_PER_IMAGE);
    while (tally.rounds < upTo) {
      const kind = KINDS[tally.rounds % KINDS.length] ?? 'cut';
      tally.rounds += 1;
      const directory = image.copy();
      const what = spoil(directory, kind, tally.rounds, chance);
      const keepsNote = kind !== 'torn' && plant !== 'noAnchor';
      if (!keepsNote) rmSync(join(directory, 'procos.anchor'));
      await attempt(tally, `variant ${tally.rounds}: ${what}`, () => {
        const end = examine(directory, image.content, kind === 'torn' ? 0 : image.acknowledged);
        tally.figures[end] = Number(tally.figures[end] ?? 0) + 1;
      });
    }
  }
  return tally;
}

/** Gives what was done. */
function spoil(directory: string, kind: Kind, round: number, chance: Chance): string {
  const wal = join(directory, 'procos.db-wal');
  const file = join(directory, 'procos.db');
  const used = usedBytes(wal);
  switch (kind) {
    case 'cut':
    case 'torn': {
      // Byte by byte over the rounds, then anywhere.
      const frames = FRAME_BYTES * TAIL_FRAMES;
      const bytes =
        round <= KINDS.length * frames ? 1 + ((Math.floor(round / KINDS.length) * 131) % frames) : chance.below(used);
      truncateSync(wal, Math.max(0, used - bytes));
      return `${bytes} bytes cut off the log`;
    }
    case 'tail': {
      const bit = 8 * used - 1 - chance.below(8 * FRAME_BYTES * TAIL_FRAMES);
      flipBit(wal, bit);
      return `bit ${bit} of the log flipped, near its end`;
    }
    case 'log':
    case 'file': {
      const path = kind === 'log' ? wal : file;
      const bit = chance.below(8 * (kind === 'log' ? used : statSync(file).size));
      flipBit(path, bit);
      return `bit ${bit} of the ${kind} flipped`;
    }
  }
}

/** Either refused by name with nothing changed, or all that was acknowledged is there; what is wrong inside, verify says. */
function examine(directory: string, truth: Content, acknowledged: number): string {
  const before = bytesOf(directory);
  const found = verification(directory);
  if (!found.ok && found.problem === '') throw new Violation('damageIsNamed', 'verify says no problem');
  const now = contentOrRefusal(directory);
  if (now instanceof StoreRefusal) {
    if (now.code !== 'DAMAGED' && now.code !== 'NEWER_FORMAT') throw new Violation('refusalsAreNamed', now.message);
    if (bytesOf(directory).some((bytes, index) => !bytes.equals(before[index] ?? Buffer.alloc(0))))
      throw new Violation('refusedIsUntouched', now.message);
    if (found.ok) throw new Violation('damageIsNamed', `the start refuses (${now.message}), verify finds nothing`);
    return 'refused at the start';
  }
  const lost = truth.records.length - now.records.length;
  if (now.records.length < acknowledged)
    throw new Violation(
      'acknowledgedSurvives',
      `${acknowledged - now.records.length} records are gone, nobody says so`,
    );
  const sameLog = now.records.every((record, index) => record === truth.records[index]);
  const sameState = lost > 0 || isSame(now.state, truth.state);
  if (found.ok && !(sameLog && sameState))
    throw new Violation(
      'damageIsNamed',
      `${sameLog ? 'the state' : 'the log'} is another one, and verify finds nothing`,
    );
  if (!found.ok) return sameLog && sameState ? 'found by verify, in what can be made again' : 'found by verify';
  return lost > 0 ? 'what nobody was told of is gone' : 'all there';
}

function verification(directory: string): FileVerification {
  try {
    return verifySqliteFile(join(directory, 'procos.db'), { deep: true });
  } catch (error) {
    if (!(error instanceof StoreRefusal)) throw error;
    return { ok: false, sequence: 0, problem: error.message, format: 0, bytes: 0 };
  }
}

function contentOrRefusal(directory: string): Content | StoreRefusal {
  try {
    return contentAfterStart(directory);
  } catch (error) {
    if (error instanceof StoreRefusal) return error;
    throw new Violation('refusalsAreNamed', (error as Error).stack ?? String(error));
  }
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((line, index) => line === right[index]);
}
