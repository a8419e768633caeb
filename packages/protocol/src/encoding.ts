/** In which encoding a file is written: what its first bytes and its XML declaration say (XML 1.0, appendix F). */

/** The name of the encoding as the file says it, lower case; `utf-8` when it says nothing. */
export function encodingOf(bytes: Uint8Array): string {
  const [one = 0, two = 0, three = 0, four = 0] = bytes;
  if (one === 0xff && two === 0xfe) return 'utf-16le';
  if (one === 0xfe && two === 0xff) return 'utf-16be';
  if (one === 0xef && two === 0xbb && three === 0xbf) return 'utf-8';
  // `<?` without a byte order mark.
  if (one === 0x3c && two === 0 && three === 0x3f && four === 0) return 'utf-16le';
  if (one === 0 && two === 0x3c && three === 0 && four === 0x3f) return 'utf-16be';
  const start = String.fromCharCode(...bytes.subarray(0, 200));
  return /^<\?xml\s[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.-]*)["']/.exec(start)?.[1]?.toLowerCase() ?? 'utf-8';
}
