/** A judge that is a program in another language: what `install.sh` fetched for it, and the program as it runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('./', import.meta.url);

/** Where `install.sh` has put what it fetched. Throws when it has not. */
export function installed(name: string): string {
  const path = fileURLToPath(new URL(`.installed/${name}`, FOLDER));
  if (existsSync(path)) return path;
  throw new Error(`${name} is not installed: bash e2e/judges/install.sh`);
}

export function sourceOf(name: string): string {
  return fileURLToPath(new URL(name, FOLDER));
}

/** Why the tests of a judge are skipped; false: they run. Nothing is skipped where everything is required. */
export function skipWithout(name: string): string | false {
  const isThere = existsSync(new URL(`.installed/${name}`, FOLDER));
  return isThere || process.env['PROCOS_REQUIRE_ALL'] === '1'
    ? false
    : 'the client is not installed (bash e2e/judges/install.sh)';
}

/** Tells by lines on its standard output what it has seen; what goes wrong in it begins with `ERROR`. */
export class Program {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  #errors = '';
  #over = false;

  constructor(t: TestContext, command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let rest = '';
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      this.lines.push(...parts);
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    this.#child.once('error', (error) => {
      this.#errors += error.message;
      this.#over = true;
    });
    const closed = once(this.#child, 'close').catch(() => {});
    this.#child.once('close', () => {
      this.#over = true;
    });
    t.after(async () => {
      this.#child.kill('SIGKILL');
      await closed;
    });
  }

  /** Waits, 60 s at most, for a line that begins so; gives the rest of it. Throws with the output when there is none. */
  async told(begin: string): Promise<string> {
    for (let turn = 0; turn < 6_000; turn += 1) {
      const wrong = this.lines.find((line) => line.startsWith('ERROR'));
      const line = this.lines.find((one) => one.startsWith(begin));
      if (line !== undefined) return line.slice(begin.length);
      if (wrong !== undefined || this.#over) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`the program did not say '${begin}': ${this.lines.join('\n')}\n${this.#errors}`);
  }
}
