/** What the parts of the parser share: the text, the names in scope, and the way back to whole expressions. */
import { INFIX, matchSpecial, type SpecialName, specialName } from './names.ts';
import type { Scanner } from './scanner.ts';
import type { Comparator, Syntax } from './syntax.ts';

export interface Grammar {
  readonly scan: Scanner;
  readonly names: NamesInScope;
  expression(): Syntax;
  /** An expression without comparisons and logic, as the ends of tests have it. */
  sum(): Syntax;
  comparator(): Comparator | undefined;
  /** Inside brackets of its own, where no bracket is the end of the range around. */
  enclosed<T>(part: () => T): T;
  /** At the upper end of a range, which an opening bracket may close: `]1..5[`. */
  rangeEnd(): Syntax;
}

/** Special names: those of the scope, and those of the entries, parameters and iterators around a place. */
export class NamesInScope {
  /** A longer name could stand somewhere in the text: its meaning depends on the scope. */
  isOpen = false;
  /** How often `?` was read. */
  inputs = 0;
  #names: readonly SpecialName[];
  /** Keys of contexts, of the scope and in this text: seen behind a dot and within filters. */
  readonly #keys: SpecialName[];
  #filters = 0;

  constructor(names: readonly SpecialName[], keys: readonly SpecialName[]) {
    this.#names = names;
    this.#keys = [...keys];
  }

  declare(name: string): void {
    const special = specialName(name);
    if (special === undefined) return;
    this.#names = [...this.#names, special];
    this.#keys.push(special);
  }

  /** What the part declares is forgotten behind it. */
  within<T>(part: () => T): T {
    const before = this.#names;
    try {
      return part();
    } finally {
      this.#names = before;
    }
  }

  withinFilter<T>(part: () => T): T {
    this.#filters += 1;
    try {
      return part();
    } finally {
      this.#filters -= 1;
    }
  }

  /** The longest special name at this place, with its end. */
  at(text: string, offset: number): ReturnType<typeof matchSpecial> {
    return matchSpecial(text, offset, this.#filters > 0 ? [...this.#names, ...this.#keys] : this.#names);
  }

  /** As `at`, behind a dot. */
  memberAt(text: string, offset: number): ReturnType<typeof matchSpecial> {
    return matchSpecial(text, offset, [...this.#names, ...this.#keys]);
  }

  /** Call behind a name. */
  noteExtension(scan: Scanner): void {
    const { at } = scan;
    scan.skip();
    const next = scan.text.charAt(scan.at);
    if (/[./\-'’+*]/.test(next) ? !scan.text.startsWith('..', scan.at) : INFIX.has(scan.word())) this.isOpen = true;
    scan.at = at;
  }
}

/** A name in backticks, an addition of Camunda; undefined where there is none. */
export function quotedName(scan: Scanner): string | undefined {
  if (scan.text.charAt(scan.at) !== '`') return undefined;
  const name = scan.take(/`[^`]+`/y);
  if (name === '') scan.fail('the closing backtick is missing');
  return name.slice(1, -1);
}
