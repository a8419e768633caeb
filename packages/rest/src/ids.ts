/** Identities on the wire: decimal strings. */

/** An identity that no row has: what an unreadable id becomes in a query. */
export const NO_ID = -1;

/** The identity that the text names, or `NO_ID` when it cannot be one. */
export function parseId(text: string): number {
  if (!/^[1-9]\d{0,15}$/.test(text)) return NO_ID;
  const id = Number(text);
  return Number.isSafeInteger(id) ? id : NO_ID;
}
