/**
 * The file of a bundle: lines of JSON. The first is the manifest, the second the signature over exactly the bytes of the first,
 * then comes one line for each file, in the order of the manifest. The same content and key give the same bytes.
 * docs/bundles.md has every kind of line.
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { keyId, readPublicKey } from './keys.ts';
import { BundleRefused } from './refusal.ts';

export const BUNDLE_FORMAT = 1;

/** What a bundle may hold at most; it is handed in as one body of a request. */
export const BUNDLE_LIMITS: { readonly bytes: number; readonly files: number; readonly nameLength: number } = {
  bytes: 3 * 1024 * 1024,
  files: 200,
  nameLength: 200,
};

/** What is signed begins with this, so that no signature for another purpose is one for a bundle. */
const SIGNED: string = `procos bundle ${BUNDLE_FORMAT}\n`;

export interface BundleFile {
  /** Path inside the bundle, with `/`. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** What its files declare, for who reads it before anything is installed. */
export interface BundleDeclares {
  readonly processes: readonly {
    readonly id: string;
    readonly file: string;
    /** As `kind name`, e.g. `hosts api.example.com`; null: it has no `procos:security` block. */
    readonly capabilities: readonly string[] | null;
  }[];
  readonly decisions: readonly { readonly id: string; readonly file: string }[];
}

export interface BundleManifest extends BundleDeclares {
  readonly kind: 'bundle';
  readonly format: typeof BUNDLE_FORMAT;
  readonly name: string;
  readonly version: string;
  /** By name. `size` in bytes, `sha256` hexadecimal. */
  readonly files: readonly { readonly name: string; readonly size: number; readonly sha256: string }[];
}

export interface Bundle {
  readonly manifest: BundleManifest;
  /** Id of the key that it is signed with; null: it is not signed. */
  readonly signer: string | null;
  readonly files: readonly BundleFile[];
}

/** Throws `BundleRefused` for what `readBundle` would not take. `privateKey` absent: it is not signed. */
export function writeBundle(
  content: { readonly name: string; readonly version: string; readonly files: readonly BundleFile[] } & BundleDeclares,
  privateKey?: KeyObject,
): Buffer {
  const files = [...content.files].sort(byName);
  const manifest: BundleManifest = {
    kind: 'bundle',
    format: BUNDLE_FORMAT,
    name: content.name,
    version: content.version,
    files: files.map(({ name, bytes }) => ({ name, size: bytes.length, sha256: sha256(bytes) })),
    processes: content.processes,
    decisions: content.decisions,
  };
  const first = JSON.stringify(manifest);
  const lines = [
    first,
    JSON.stringify(privateKey === undefined ? { kind: 'unsigned' } : signatureOf(first, privateKey)),
    ...files.map(({ name, bytes }) => JSON.stringify({ kind: 'file', name, base64: bytes.toString('base64') })),
  ];
  const written = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  readBundle(written);
  return written;
}

/** Checks form, names, signature and every file; whether the key is trusted is another question. Throws `BundleRefused`. */
export function readBundle(bytes: Buffer): Bundle {
  if (bytes.length > BUNDLE_LIMITS.bytes)
    throw new BundleRefused(
      'BUNDLE_TOO_LARGE',
      `The bundle has ${bytes.length} bytes; ${BUNDLE_LIMITS.bytes} are allowed. Split it.`,
    );
  const lines = bytes.toString().split('\n');
  const [first = '', second = '', ...rest] = lines;
  const manifest = manifestOf(first);
  if (rest.pop() !== '') throw damaged('it ends in the middle of a line');
  const signer = signerOf(first, second);
  if (rest.length !== manifest.files.length)
    throw damaged(`it has ${rest.length} files, and its manifest names ${manifest.files.length}`);
  return { manifest, signer, files: manifest.files.map((file, index) => fileOf(file, rest[index] ?? '')) };
}

function signatureOf(manifest: string, privateKey: KeyObject) {
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('base64');
  const signature = sign(null, Buffer.from(SIGNED + manifest), privateKey).toString('base64');
  return { kind: 'signature', algorithm: 'ed25519', publicKey, signature };
}

function signerOf(manifest: string, line: string): string | null {
  const said = objectOf(line, 'the line of the signature');
  if (said['kind'] === 'unsigned') return null;
  const { kind, algorithm, publicKey, signature } = said;
  if (kind !== 'signature' || algorithm !== 'ed25519' || typeof publicKey !== 'string' || typeof signature !== 'string')
    throw damaged('its second line is no signature');
  const key = readPublicKey(Buffer.from(publicKey, 'base64'), 'The signature of the bundle');
  if (!verify(null, Buffer.from(SIGNED + manifest), key, Buffer.from(signature, 'base64')))
    throw new BundleRefused(
      'BUNDLE_SIGNATURE',
      `The signature does not belong to this manifest: it was changed after key ${keyId(key)} had signed it. Get the bundle anew.`,
    );
  return keyId(key);
}

function fileOf({ name, size, sha256: expected }: BundleManifest['files'][number], line: string): BundleFile {
  const said = objectOf(line, `the line of ${name}`);
  const { kind, base64 } = said;
  if (kind !== 'file' || said['name'] !== name || typeof base64 !== 'string')
    throw damaged(`${name} is not where it belongs`);
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length !== size || sha256(bytes) !== expected || bytes.toString('base64') !== base64)
    throw damaged(`${name} is not the file that its manifest names (SHA-256 ${expected})`);
  return { name, bytes };
}

function manifestOf(line: string): BundleManifest {
  let read: Partial<Record<string, unknown>> = {};
  try {
    read = objectOf(line, 'its first line');
  } catch {
    // A file of another kind altogether.
  }
  if (read['kind'] !== 'bundle')
    throw new BundleRefused('BUNDLE_FORMAT', 'The file is no bundle: make one with procos pack.');
  if (read['format'] !== BUNDLE_FORMAT)
    throw new BundleRefused(
      'BUNDLE_FORMAT',
      `The bundle has format ${JSON.stringify(read['format'])}; this ProcOS reads format ${BUNDLE_FORMAT}.`,
    );
  const { name, version, files, processes, decisions } = read;
  if (!isWord(name) || !isWord(version)) throw new BundleRefused('BUNDLE_NAME', badWord([name, version]));
  if (!areFiles(files)) throw damaged('its manifest has no list of files with name, size and SHA-256');
  if (!areDeclared(processes) || !areDeclared(decisions))
    throw damaged('its manifest does not say which processes and decisions it holds');
  if (files.length === 0 || files.length > BUNDLE_LIMITS.files)
    throw new BundleRefused(
      'BUNDLE_TOO_LARGE',
      `The bundle has ${files.length} files; 1 to ${BUNDLE_LIMITS.files} are allowed.`,
    );
  const seen = new Set<string>();
  for (const file of files) {
    refuseName(file.name);
    // Also where a folder takes Order.bpmn and order.bpmn for one file.
    const key = file.name.toLowerCase();
    if (seen.has(key)) throw new BundleRefused('BUNDLE_NAME', `The bundle holds ${file.name} twice.`);
    seen.add(key);
  }
  return read as unknown as BundleManifest;
}

/** A path that leads out of a folder, or means something else on another system, is none. */
function refuseName(name: string): void {
  const plain = name.length <= BUNDLE_LIMITS.nameLength && /^[\p{L}\p{N} _.+@()/-]+$/u.test(name);
  const parts = name.split('/');
  if (plain && parts.every((part) => part !== '' && !part.startsWith('.') && !/^\s|[\s.]$/.test(part))) return;
  throw new BundleRefused(
    'BUNDLE_NAME',
    `The name ${JSON.stringify(name.slice(0, BUNDLE_LIMITS.nameLength))} is not allowed in a bundle: at most ${BUNDLE_LIMITS.nameLength} letters, digits, blanks and _ . + @ ( ) -, in folders with /, no part of it empty or beginning with a dot.`,
  );
}

function badWord(words: readonly unknown[]): string {
  const wrong = words.find((word) => !isWord(word));
  return `${JSON.stringify(wrong)?.slice(0, 120)} is no name or version of a bundle: 1 to 100 letters, digits, and . _ + -.`;
}

function isWord(word: unknown): word is string {
  return typeof word === 'string' && /^[A-Za-z0-9][\w.+-]{0,99}$/.test(word);
}

function areFiles(files: unknown): files is BundleManifest['files'] {
  return (
    Array.isArray(files) &&
    files.every(
      (file: Partial<Record<string, unknown>> | null) =>
        typeof file?.['name'] === 'string' && typeof file['size'] === 'number' && typeof file['sha256'] === 'string',
    )
  );
}

function areDeclared(list: unknown): boolean {
  return (
    Array.isArray(list) &&
    list.every(
      (one: Partial<Record<string, unknown>> | null) =>
        typeof one?.['id'] === 'string' &&
        typeof one['file'] === 'string' &&
        (one['capabilities'] === undefined || one['capabilities'] === null || areTexts(one['capabilities'])),
    )
  );
}

function areTexts(list: unknown): boolean {
  return Array.isArray(list) && list.every((text) => typeof text === 'string');
}

function objectOf(line: string, what: string): Partial<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw damaged(`${what} cannot be read`);
}

function damaged(what: string): BundleRefused {
  return new BundleRefused('BUNDLE_DAMAGED', `The bundle is damaged: ${what}. Get it anew.`);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function byName({ name: a }: BundleFile, { name: b }: BundleFile): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
