/** Secrets that the system makes itself: access tokens and sessions. 256 random bits, so that a plain hash is enough. */
import { createHash, randomBytes } from 'node:crypto';

/** So that a token that was published by mistake can be found by who looks for such. */
const PREFIX = 'procos_';

export function newSecret(): string {
  return `${PREFIX}${randomBytes(32).toString('base64url')}`;
}

/** What is kept of it, hex. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
