/** Topic `file_operation`: files below one root folder, and nothing else. */
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import { WorkerFailure } from '@procos/client';
import { choice, type Inputs, invalid, type Outputs, type Services, text } from '../handler.ts';
import { setting } from '../settings.ts';
import { Folder, type Place, place } from './folder.ts';

const OPERATIONS = ['read', 'write', 'delete', 'exists', 'list', 'move', 'copy'] as const;
const ENCODINGS = ['utf-8', 'utf8', 'ascii', 'latin1', 'utf16le', 'base64', 'hex'] as const;
type Encoding = (typeof ENCODINGS)[number];
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_ENTRIES = 10_000;
const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

const NOTHING = {
  content: null,
  size: null,
  written: false,
  deleted: false,
  exists: false,
  is_file: false,
  is_dir: false,
};
type Result = Partial<Record<keyof typeof NOTHING | 'entries', unknown>>;

/**
 * Inputs: file_path* (relative to the files folder), operation (read; write | delete | exists | list | move | copy),
 * content (write), encoding (utf-8; base64 and hex for bytes), target_path (move, copy). Outputs: content, size (bytes),
 * written, deleted, exists, is_file, is_dir, and entries [{name, is_file, is_dir, size}] for list. `delete` removes a file
 * or an empty folder; deleting what is not there gives deleted = false. Symbolic links are never followed. 4 MB at most.
 */
export async function fileOperation(inputs: Inputs, services: Services): Promise<Outputs> {
  const root = resolve(setting(services.settings, 'PROCOS_FILES_ROOT'));
  const operation = choice(inputs, 'operation', OPERATIONS, 'read');
  const encoding = choice(inputs, 'encoding', ENCODINGS, 'utf-8');
  const at = place(text(inputs, 'file_path'), root);
  try {
    return { local: { ...NOTHING, ...(await perform(operation, root, at, encoding, inputs)) } };
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
): Promise<Result> {
  if (operation === 'list') return list(root, at);
  if (operation === 'exists') return exists(root, at);
  const name = fileName(at);
  if (operation === 'read') return inFolder(root, at, false, (folder) => read(folder, name, encoding));
  if (operation === 'write') {
    const bytes = encode(inputs['content'], encoding);
    return inFolder(root, at, true, (folder) => write(folder, name, bytes));
  }
  if (operation === 'delete') return remove(root, at, name);
  const to = place(text(inputs, 'target_path'), root);
  const toName = fileName(to);
  return inFolder(root, at, false, (from) =>
    inFolder(root, to, true, async (target) => {
      const bytes = await readBytes(from, name);
      if (operation === 'copy') return write(target, toName, bytes);
      await rename(from.at(name), target.at(toName));
      await Promise.all([from.sync(), target.sync()]);
      return { written: true, deleted: true, size: bytes.length, exists: true, is_file: true };
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

async function read(folder: Folder, name: string, encoding: Encoding): Promise<Result> {
  const bytes = await readBytes(folder, name);
  return { content: decode(bytes, encoding), size: bytes.length, exists: true, is_file: true };
}

/** Opens without following a link, then judges what the descriptor really is. */
async function readBytes(folder: Folder, name: string): Promise<Buffer> {
  const handle = await open(folder.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    await folder.verify();
    const stat = await handle.stat();
    if (!stat.isFile()) throw invalid(`'${name}' is not a regular file.`);
    if (stat.size > MAX_BYTES) throw invalid(`'${name}' has ${stat.size} bytes; at most ${MAX_BYTES} can be handled.`);
    return await readAtMost(handle, MAX_BYTES);
  } finally {
    await handle.close();
  }
}

async function readAtMost(handle: FileHandle, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(64 * 1024), 0, 64 * 1024, null);
    if (bytesRead === 0) return Buffer.concat(chunks);
    size += bytesRead;
    if (size > most) throw invalid(`The file has more than ${most} bytes.`);
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

/** All or nothing: a reader sees the old file or the new one, also after a power cut. */
async function write(folder: Folder, name: string, bytes: Buffer): Promise<Result> {
  const there = await lstat(folder.at(name)).catch(() => undefined);
  if (there !== undefined && !there.isFile()) throw invalid(`'${name}' exists and is not a regular file.`);
  const temporary = `.${crypto.randomUUID()}.part`;
  const handle = await open(folder.at(temporary), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await folder.verify();
    await handle.writeFile(bytes);
    await handle.sync();
    await rename(folder.at(temporary), folder.at(name));
  } catch (error) {
    await unlink(folder.at(temporary)).catch(() => {});
    throw error;
  } finally {
    await handle.close();
  }
  await folder.sync();
  return { written: true, size: bytes.length, exists: true, is_file: true };
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
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const said: Record<string, string> = {
    ENOENT: 'there is no such file or folder',
    ENOTDIR: 'something on the way is not a folder, or is a symbolic link, which is not followed',
    ELOOP: 'it is a symbolic link, which is not followed',
    EISDIR: 'it is a folder',
    ENOTEMPTY: 'the folder is not empty',
    EACCES: 'the files folder does not permit it',
    EPERM: 'the files folder does not permit it',
    ENXIO: 'it is not a regular file',
  };
  const why = said[code];
  if (why !== undefined) return invalid(`Path '${at.shown}': ${why}.`);
  return new WorkerFailure(`Path '${at.shown}': the file system answered ${code === '' ? String(error) : code}.`);
}
