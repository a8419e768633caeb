/** Passwords: kept as scrypt with a salt and the parameters of each, compared in constant time. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** 32 MB and a quarter of a second per guess: OWASP's Password Storage Cheat Sheet, scrypt. */
const NOW = { N: 2 ** 15, r: 8, p: 3 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** What a hash from elsewhere may ask for at most. */
const MOST_MEMORY = 256 * 2 ** 20;

/** In characters; the upper bound is only there so that nobody has the server hash a novel. */
export const PASSWORD_LENGTH = { least: 10, most: 1_000 } as const;

/** `scrypt$N$r$p$salt$key`, the last two in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, KEY_BYTES, NOW);
  return ['scrypt', NOW.N, NOW.r, NOW.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** Takes as long for a user who has no password, or who is not there (`kept` null), as for a wrong one. */
export async function isPassword(password: string, kept: string | null): Promise<boolean> {
  const { salt, key, parameters } = parsed(kept ?? NOBODYS);
  const found = await derive(password, salt, key.length, parameters);
  return timingSafeEqual(found, key) && kept !== null;
}

function parsed(kept: string) {
  const [kind, N, r, p, salt = '', key = ''] = kept.split('$');
  const parameters = { N: Number(N), r: Number(r), p: Number(p) };
  const sane = Object.values(parameters).every((value) => Number.isSafeInteger(value) && value > 0);
  if (kind !== 'scrypt' || !sane || key === '')
    throw new Error('a password is kept in a form that this version does not know');
  return { salt: Buffer.from(salt, 'base64url'), key: Buffer.from(key, 'base64url'), parameters };
}

function derive(password: string, salt: Buffer, length: number, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const text = password.normalize('NFKC');
    scrypt(text, salt, length, { ...options, maxmem: MOST_MEMORY }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

/** Is compared with where there is none. */
const NOBODYS = [
  'scrypt',
  NOW.N,
  NOW.r,
  NOW.p,
  randomBytes(SALT_BYTES).toString('base64url'),
  randomBytes(KEY_BYTES).toString('base64url'),
].join('$');
