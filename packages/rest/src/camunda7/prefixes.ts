/** Which paths are Camunda's. */

export const PREFIX = '/engine-rest';
const NAMED_ENGINE = /^(\/+engine-rest)\/+engine\/+([a-zA-F\d%]+)(?=[/?#]|$)/;

/** The default engine may be named: the same path without its name, so that no route is needed twice. */
export function withoutEngineName(url: string): string {
  // Most name none, and each is asked twice.
  if (!url.includes('/engine/')) return url;
  return url.replace(NAMED_ENGINE, (whole, prefix: string, name: string) =>
    decoded(name) === 'default' ? prefix : whole,
  );
}

/** A letter and its percent-encoding are the same (RFC 3986, 6.2.2.2). */
function decoded(name: string): string {
  return name.replaceAll(/%([\da-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

export function isCamunda(url: string): boolean {
  return /^\/(engine-rest|\.well-known)(\/|\?|$)/.test(url);
}
