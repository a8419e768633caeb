/**
 * Folders opened step by step from a root, so that no name, symbolic link or race leads out of it.
 *
 * Linux: every folder on the way is opened with O_NOFOLLOW relative to the descriptor of the one before
 * (`/proc/self/fd/N/name`), so what was checked is what is used. Elsewhere names are joined to the real path of the
 * parent, and `verify` compares afterwards; that leaves a short race, which is why the file itself is verified once open.
 */
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { invalid } from '../handler.ts';

const { O_RDONLY, O_NOFOLLOW, O_DIRECTORY } = constants;
const BY_DESCRIPTOR = process.platform === 'linux';
const MAX_PATH = 4096;
const MAX_NAME_BYTES = 255;

export interface Place {
  /** Names below the root; empty for the root itself. */
  readonly names: readonly string[];
  /** As given, for messages. */
  readonly shown: string;
}

/** Judges a path by its text. Throws a failure that is not retried. */
export function place(given: string, root: string): Place {
  const refuse = (why: string): never => {
    throw invalid(`Path '${given.slice(0, 200)}' is refused: ${why}.`);
  };
  if (given.includes('\0')) refuse('it holds a NUL character');
  if (given.length > MAX_PATH) refuse(`it is longer than ${MAX_PATH} characters`);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(given)) refuse('it is a URL');
  if (given.includes('\\')) refuse('it holds a backslash; use /');
  if (/^[a-z]:/i.test(given)) refuse('it names a drive');
  let path = given;
  if (isAbsolute(given)) {
    path = relative(root, given);
    if (path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path) || !given.startsWith(root)) {
      refuse('it is outside of the files folder; use a path relative to it');
    }
    path = given.slice(root.length);
  }
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  for (const name of names) {
    if (name === '..') refuse("it holds '..'");
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) refuse(`a name in it is longer than ${MAX_NAME_BYTES} bytes`);
  }
  return { names, shown: given };
}

/** An open folder. `at(name)` is a path for one more name, safe only without following it when it is a link. */
export class Folder {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #root: string;

  private constructor(handle: FileHandle, path: string, root: string) {
    this.#handle = handle;
    this.#path = path;
    this.#root = root;
  }

  static async root(root: string): Promise<Folder> {
    await mkdir(root, { recursive: true });
    const path = await realpath(root);
    return new Folder(await open(path, O_RDONLY | O_DIRECTORY), path, path);
  }

  /** The folder that holds the last of `names`. `create`: makes missing folders on the way. */
  static async holding(root: string, names: readonly string[], create = false): Promise<Folder> {
    let folder = await Folder.root(root);
    for (const name of names.slice(0, -1)) {
      try {
        const next = await folder.enter(name, create);
        await folder.close();
        folder = next;
      } catch (error) {
        await folder.close();
        throw error;
      }
    }
    return folder;
  }

  at(name: string): string {
    return join(this.self, name);
  }

  /** A path for the folder itself. */
  get self(): string {
    return BY_DESCRIPTOR ? `/proc/self/fd/${this.#handle.fd}` : this.#path;
  }

  async enter(name: string, create: boolean): Promise<Folder> {
    const path = this.at(name);
    if (create) {
      await mkdir(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
    }
    const handle = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    const folder = new Folder(handle, BY_DESCRIPTOR ? '' : join(this.#path, name), this.#root);
    try {
      await folder.verify();
    } catch (error) {
      await folder.close();
      throw error;
    }
    return folder;
  }

  /** Only where descriptors cannot be used as paths: is this still the real folder below the root? */
  async verify(): Promise<void> {
    if (BY_DESCRIPTOR) return;
    const real = await realpath(this.#path);
    const [here, there] = [await this.#handle.stat(), await lstat(real)];
    const inside = real === this.#root || real.startsWith(this.#root + sep);
    if (!inside || here.ino !== there.ino || here.dev !== there.dev)
      throw invalid('A folder on the way was exchanged.');
  }

  async sync(): Promise<void> {
    await this.#handle.sync().catch((error: NodeJS.ErrnoException) => {
      // Some systems cannot sync a folder; the file itself was synced.
      if (!['EINVAL', 'EPERM', 'EISDIR', 'EBADF'].includes(error.code ?? '')) throw error;
    });
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
