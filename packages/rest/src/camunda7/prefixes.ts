/** Which paths are Camunda's. */

/** The default engine is served under both. */
export const PREFIXES = ['/engine-rest', '/engine-rest/engine/default'] as const;

export function isCamunda(url: string): boolean {
  return /^\/(engine-rest|\.well-known)(\/|\?|$)/.test(url);
}
