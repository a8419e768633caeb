/** Keys of bundles: Ed25519 in PEM (RFC 8410), named by the SHA-256 of the public one. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BundleRefused } from './refusal.ts';

/** How files of public keys end. */
export const PUBLIC_KEY_SUFFIX = '.pub';

export interface TrustedKey {
  /** Of its file, without the ending. */
  readonly name: string;
  readonly id: string;
}

/** In PEM: PKCS #8 and SubjectPublicKeyInfo. */
export function newKeyPair(): { readonly id: string; readonly privateKey: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    id: keyId(publicKey),
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  };
}

/** SHA-256 of its SubjectPublicKeyInfo in DER, hexadecimal. */
export function keyId(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('hex');
}

/** `from`: what a message calls it. Throws `BundleRefused`. */
export function readPrivateKey(pem: string, from: string): KeyObject {
  return ed25519(
    () => createPrivateKey(pem),
    `${from} holds no private Ed25519 key in PEM: make one with procos key create.`,
  );
}

/** Throws `BundleRefused`. */
export function readPublicKey(der: Buffer, from: string): KeyObject {
  return ed25519(
    () => createPublicKey({ key: der, format: 'der', type: 'spki' }),
    `${from} names no public Ed25519 key.`,
  );
}

/** The public keys of a folder, by the names of their files; none where there is no folder. Throws `BundleRefused` for a file that holds none. */
export async function trustedKeys(folder: string): Promise<readonly TrustedKey[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const keys: TrustedKey[] = [];
  for (const name of names.filter((one) => one.endsWith(PUBLIC_KEY_SUFFIX)).sort()) {
    const path = join(folder, name);
    const pem = await readFile(path, 'utf8');
    const message = `${path} holds no public Ed25519 key in PEM: replace it with what procos key create has written, or remove it.`;
    // A private key would be read as the public one that belongs to it.
    const key = ed25519(() => (pem.includes('PRIVATE') ? undefined : createPublicKey(pem)), message);
    keys.push({ name: name.slice(0, -PUBLIC_KEY_SUFFIX.length), id: keyId(key) });
  }
  return keys;
}

function ed25519(read: () => KeyObject | undefined, refusal: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = read();
  } catch {
    key = undefined;
  }
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw new BundleRefused('BUNDLE_KEY', refusal);
}
