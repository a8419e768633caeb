/** How much text the rows that one query finds may have together: more of it would fill the memory, and no answer could hold it. */
import { TooMuchAsked } from './contract.ts';
import type { Cells } from './spec.ts';

/** The variables of eight instances that are as large as they may be. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

export class Budget {
  #used = 0;

  /** Throws when there is not so much left. */
  take(characters: number): void {
    if (!this.note(characters)) throw new TooMuchAsked(MOST_CHARACTERS);
  }

  /** False: it is more than there may be. */
  note(characters: number): boolean {
    this.#used += characters;
    return this.#used <= MOST_CHARACTERS;
  }

  takeCells(cells: Cells): void {
    let characters = 0;
    for (const cell of cells) if (typeof cell === 'string') characters += cell.length;
    this.take(characters);
  }

  /** No more than this is held now. */
  begin(characters: number): void {
    this.#used = 0;
    this.take(characters);
  }
}
