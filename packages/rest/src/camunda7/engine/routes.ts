/** `/engine` and `/version`: one engine named default, speaking the API of 7.24. */
import type { Declare } from '../../call.ts';

/** The version of the API that is served: clients switch features by it. */
const API_VERSION = '7.24.0';

export function engineRoutes(route: Declare): void {
  route('GET', '/engine', 'engine.read', () => [{ name: 'default' }]);
  route('GET', '/version', 'engine.read', () => ({ version: API_VERSION }));
}
