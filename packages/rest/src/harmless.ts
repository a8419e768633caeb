/** What people have deployed and stored, on the origin of the console: nothing of it may act with the rights of who looks at it. */
import { Raw } from './call.ts';

/** Whoever opens it in a browser sees it and no more: its scripts do not run, and it is of no origin. */
export function harmless(contentType: string, content: string | Buffer): Raw {
  return new Raw(contentType, content, {
    'content-security-policy': "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox",
  });
}

/**
 * Of a file whose type somebody else has chosen: a page of this origin may fetch it as its script, whatever its disposition
 * says, and that runs by no other type than these.
 */
export function withoutScript(mediaType: string): string {
  return /(?:java|ecma|j|live)script/i.test(mediaType) ? 'application/octet-stream' : mediaType;
}
