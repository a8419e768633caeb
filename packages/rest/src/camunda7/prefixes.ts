/** Which paths are Camunda's. */

export const PREFIX = '/engine-rest';
const DEFAULT_ENGINE = /^(\/+engine-rest)\/+engine\/+default(?=[/?#]|$)/;

/** The default engine may be named: the same path without its name, so that no route is needed twice. */
export function withoutEngineName(url: string): string {
  return url.replace(DEFAULT_ENGINE, '$1');
}

export function isCamunda(url: string): boolean {
  return /^\/(engine-rest|\.well-known)(\/|\?|$)/.test(url);
}
