/** Topic `file_operation`: files below one root folder, and nothing else. */
import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import { asLargeValue, type LargeValues, ProcosError, WorkerFailure } from '@procos/client';
import {
  CodedFailure,
  choice,
  demand,
  type Inputs,
  invalid,
  type Outputs,
  refused,
  type Services,
  text,
} from '../handler.ts';
import { setting } from '../settings.ts';
import { Folder, type Place, place } from './folder.ts';

const OPERATIONS = ['read', 'write', 'create', 'delete', 'exists', 'list', 'move', 'copy', 'make_folder'] as const;
/** What is done to `file_path`; the target of a move or copy is written. */
const NEEDS: Readonly<Record<(typeof OPERATIONS)[number], readonly ('read' | 'write')[]>> = {
  read: ['read'],
  exists: ['read'],
  list: ['read'],
  write: ['write'],
  create: ['write'],
  make_folder: ['write'],
  delete: ['write'],
  copy: ['read'],
  move: ['read', 'write'],
};
const ENCODINGS = ['utf-8', 'utf8', 'ascii', 'latin1', 'utf16le', 'base64', 'hex'] as const;
type Encoding = (typeof ENCODINGS)[number];
/** Of content that is a text. */
const MAX_BYTES = 4 * 1024 * 1024;
const PART = 64 * 1024;
const MAX_ENTRIES = 10_000;
const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

const NOTHING = {
  content: null,
  size: null,
  sha256: null,
  written: false,
  deleted: false,
  exists: false,
  is_file: false,
  is_dir: false,
};
type Result = Partial<Record<keyof typeof NOTHING | 'entries', unknown>>;

/**
 * Inputs: file_path* (relative to the files folder), operation (read; write | create | delete | exists | list | move | copy |
 * make_folder), content (write, create), encoding (utf-8; base64 and hex for bytes), target_path and overwrite (move, copy).
 * Outputs: path (file_path as the files folder knows it), content, size (bytes), sha256 (of what was read, written or
 * copied), written, deleted, exists, is_file, is_dir, and entries [{name, is_file, is_dir, size}] for list. `create` fails
 * where something else is there. `delete` removes a file or an empty folder; deleting what is not there gives deleted = false. Symbolic links are never followed. Of a file of
 * more than 4 MB content is a handle of its bytes; a handle as content is written as the bytes that it stands for.
 */
export async function fileOperation(inputs: Inputs, services: Services): Promise<Outputs> {
  const root = resolve(setting(services.settings, 'PROCOS_FILES_ROOT'));
  const operation = choice(inputs, 'operation', OPERATIONS, 'read');
  const encoding = choice(inputs, 'encoding', ENCODINGS, 'utf-8');
  const at = place(text(inputs, 'file_path'), root);
  for (const access of NEEDS[operation]) demand(services, { kind: 'paths', name: at.names.join('/') || '.', access });
  try {
    const result = await perform(operation, root, at, encoding, inputs, services);
    return { local: { ...NOTHING, path: at.names.join('/') || '.', ...result } };
  } catch (error) {
    throw failure(error, at);
  }
}

async function perform(
  operation: (typeof OPERATIONS)[number],
  root: string,
  at: Place,
  encoding: Encoding,
  inputs: Inputs,
  services: Services,
): Promise<Result> {
  const { values } = services;
  if (operation === 'list') return list(root, at);
  if (operation === 'exists') return exists(root, at);
  const name = fileName(at);
  if (operation === 'read') return inFolder(root, at, false, (folder) => read(folder, name, encoding, values));
  if (operation === 'make_folder') return inFolder(root, at, true, (folder) => makeFolder(folder, name));
  if (operation === 'write' || operation === 'create') {
    const content = await contentOf(inputs['content'], encoding, values);
    return inFolder(root, at, true, (folder) => write(folder, name, content, operation === 'write'));
  }
  if (operation === 'delete') return remove(root, at, name);
  const to = place(text(inputs, 'target_path'), root);
  demand(services, { kind: 'paths', name: to.names.join('/') || '.', access: 'write' });
  const toName = fileName(to);
  const overwrite = choice(inputs, 'overwrite', ['true', 'false'] as const, 'true') === 'true';
  return inFolder(root, at, false, (from) =>
    inFolder(root, to, true, async (target) => {
      const { handle, size } = await openFile(from, name);
      try {
        if (operation === 'copy') return await write(target, toName, contents(handle), overwrite);
        await moveTo(from.at(name), target.at(toName), overwrite);
        await Promise.all([from.sync(), target.sync()]);
        return { written: true, deleted: true, size, exists: true, is_file: true };
      } finally {
        await handle.close();
      }
    }),
  );
}

async function inFolder<T>(root: string, at: Place, create: boolean, work: (folder: Folder) => Promise<T>): Promise<T> {
  const folder = await Folder.holding(root, at.names, create);
  try {
    return await work(folder);
  } finally {
    await folder.close();
  }
}

async function read(folder: Folder, name: string, encoding: Encoding, values: LargeValues): Promise<Result> {
  const { handle, size } = await openFile(folder, name);
  try {
    if (size > MAX_BYTES) {
      const content = await values.upload(contents(handle), { name, type: 'application/octet-stream' });
      const sha256 = content.blob.slice('sha256:'.length);
      return { content, size: content.size, sha256, exists: true, is_file: true };
    }
    const bytes = await readAtMost(handle, MAX_BYTES);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { content: decode(bytes, encoding), size: bytes.length, sha256, exists: true, is_file: true };
  } finally {
    await handle.close();
  }
}

/** Opens without following a link, then judges what the descriptor really is. */
async function openFile(folder: Folder, name: string): Promise<{ readonly handle: FileHandle; readonly size: number }> {
  const handle = await open(folder.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    await folder.verify();
    const stat = await handle.stat();
    if (!stat.isFile()) throw invalid(`'${name}' is not a regular file.`);
    return { handle, size: stat.size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** From the beginning to the end, a part at a time. */
async function* contents(handle: FileHandle): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(PART), 0, PART, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function readAtMost(handle: FileHandle, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const part of contents(handle)) {
    size += part.length;
    if (size > most) throw invalid(`The file has grown beyond ${most} bytes while it was read.`);
    chunks.push(Buffer.from(part));
  }
  return Buffer.concat(chunks);
}

/**
 * All or nothing: a reader sees the old file or the new one, also after a power cut. Without `overwrite` nothing else may be
 * there; the very same content counts as written, since a task may run twice.
 */
async function write(
  folder: Folder,
  name: string,
  content: Buffer | AsyncIterable<Uint8Array>,
  overwrite: boolean,
): Promise<Result> {
  const there = await lstat(folder.at(name)).catch(() => undefined);
  if (there !== undefined && !there.isFile()) throw invalid(`'${name}' exists and is not a regular file.`);
  const temporary = `.${crypto.randomUUID()}.part`;
  const handle = await open(folder.at(temporary), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  const hash = createHash('sha256');
  let size: number;
  try {
    await folder.verify();
    await handle.writeFile(hashed(content, hash));
    size = (await handle.stat()).size;
    await handle.sync();
    const sha256 = hash.digest('hex');
    if (overwrite) await rename(folder.at(temporary), folder.at(name));
    else await giveName(folder, temporary, name, sha256);
    await folder.sync();
    return { written: true, size, sha256, exists: true, is_file: true };
  } catch (error) {
    await unlink(folder.at(temporary)).catch(() => {});
    throw error;
  } finally {
    await handle.close();
  }
}

/** Gives the file its name in one step, or finds that the name is taken. */
async function giveName(folder: Folder, temporary: string, name: string, sha256: string): Promise<void> {
  try {
    await link(folder.at(temporary), folder.at(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || (await hashOf(folder, name)) !== sha256) throw error;
  }
  await unlink(folder.at(temporary));
}

async function moveTo(from: string, to: string, overwrite: boolean): Promise<void> {
  if (overwrite) return rename(from, to);
  await link(from, to);
  await unlink(from);
}

async function makeFolder(folder: Folder, name: string): Promise<Result> {
  try {
    await mkdir(folder.at(name));
    await folder.sync();
  } catch (error) {
    const there = await lstat(folder.at(name)).catch(() => undefined);
    if (there?.isDirectory() !== true) throw error;
  }
  return { exists: true, is_dir: true };
}

async function hashOf(folder: Folder, name: string): Promise<string> {
  const { handle } = await openFile(folder, name);
  try {
    const hash = createHash('sha256');
    for await (const part of contents(handle)) hash.update(part);
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}

async function* hashed(content: Buffer | AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const part of Buffer.isBuffer(content) ? [content] : content) {
    hash.update(part);
    yield part;
  }
}

async function remove(root: string, at: Place, name: string): Promise<Result> {
  try {
    return await inFolder(root, at, false, async (folder) => {
      const stat = await lstat(folder.at(name));
      await folder.verify();
      if (stat.isDirectory()) await rmdir(folder.at(name));
      else await unlink(folder.at(name));
      await folder.sync();
      return { deleted: true, is_file: stat.isFile(), is_dir: stat.isDirectory() };
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { deleted: false };
    throw error;
  }
}

async function exists(root: string, at: Place): Promise<Result> {
  const name = at.names.at(-1);
  if (name === undefined) return { exists: true, is_dir: true };
  try {
    return await inFolder(root, at, false, async (folder) => {
      const stat = await lstat(folder.at(name));
      await folder.verify();
      const known = stat.isFile() || stat.isDirectory();
      return {
        exists: known,
        is_file: stat.isFile(),
        is_dir: stat.isDirectory(),
        size: stat.isFile() ? stat.size : null,
      };
    });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return {};
    throw error;
  }
}

async function list(root: string, at: Place): Promise<Result> {
  // One more name: the folder that would hold it is the one to list.
  return inFolder(root, { ...at, names: [...at.names, '.'] }, false, async (folder) => {
    const names = (await readdir(folder.self)).sort();
    await folder.verify();
    if (names.length > MAX_ENTRIES)
      throw invalid(`The folder has ${names.length} entries; at most ${MAX_ENTRIES} can be listed.`);
    const entries: Record<string, unknown>[] = [];
    for (const name of names) {
      const stat = await lstat(folder.at(name)).catch(() => undefined);
      if (stat === undefined) continue;
      entries.push({
        name,
        is_file: stat.isFile(),
        is_dir: stat.isDirectory(),
        size: stat.isFile() ? stat.size : null,
      });
    }
    return { entries, size: entries.length, exists: true, is_dir: true };
  });
}

function fileName(at: Place): string {
  const name = at.names.at(-1);
  if (name === undefined) throw invalid(`Path '${at.shown}' names the files folder itself, not a file in it.`);
  return name;
}

async function contentOf(
  content: unknown,
  encoding: Encoding,
  values: LargeValues,
): Promise<Buffer | AsyncIterable<Uint8Array>> {
  const large = asLargeValue(content);
  return large === undefined ? encode(content, encoding) : (await values.download(large)).stream;
}

function encode(content: unknown, encoding: Encoding): Buffer {
  if (content === undefined || content === null) throw invalid("Input 'content' is missing.");
  const written = typeof content === 'string' ? content : JSON.stringify(content);
  if (encoding === 'base64' && !/^[A-Za-z0-9+/_-]*={0,2}\s*$/.test(written))
    throw invalid("Input 'content' is not base64.");
  if (encoding === 'hex' && !/^([0-9a-f]{2})*$/i.test(written)) throw invalid("Input 'content' is not hexadecimal.");
  const bytes = Buffer.from(written, encoding);
  if (bytes.length > MAX_BYTES)
    throw invalid(`The content has ${bytes.length} bytes; at most ${MAX_BYTES} can be written.`);
  return bytes;
}

function decode(bytes: Buffer, encoding: Encoding): string {
  if (encoding !== 'utf-8' && encoding !== 'utf8') return bytes.toString(encoding);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid('The file is not UTF-8 text; read it with encoding base64.');
  }
}

/** What the file system said, in words; only lack of space and of descriptors is worth another attempt. */
function failure(error: unknown, at: Place): Error {
  if (error instanceof WorkerFailure) return error;
  if (error instanceof ProcosError) return refused(error, `Path '${at.shown}'`);
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const said: Record<string, readonly [code: string, why: string]> = {
    ENOENT: ['FILE_NOT_FOUND', 'there is no such file or folder'],
    EEXIST: ['FILE_EXISTS', 'there is something of that name'],
    ENOTDIR: ['FILE_REFUSED', 'something on the way is not a folder, or is a symbolic link, which is not followed'],
    ELOOP: ['FILE_REFUSED', 'it is a symbolic link, which is not followed'],
    EISDIR: ['FILE_REFUSED', 'it is a folder'],
    ENOTEMPTY: ['FOLDER_NOT_EMPTY', 'the folder is not empty'],
    EACCES: ['FILE_REFUSED', 'the files folder does not permit it'],
    EPERM: ['FILE_REFUSED', 'the files folder does not permit it'],
    ENXIO: ['FILE_REFUSED', 'it is not a regular file'],
  };
  const why = said[code];
  if (why !== undefined) return new CodedFailure(why[0], `Path '${at.shown}': ${why[1]}.`);
  return new WorkerFailure(`Path '${at.shown}': the file system answered ${code === '' ? String(error) : code}.`);
}
