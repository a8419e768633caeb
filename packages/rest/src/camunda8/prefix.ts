/** Which paths are Camunda 8's. */

export const PREFIX = '/v2';

export function isCamunda8(url: string): boolean {
  return /^\/v2(\/|\?|$)/.test(url);
}
