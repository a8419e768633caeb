/** `/incidents/{key}/resolution`; what is searched for lies in `search`. */
import type { Declare } from '../../call.ts';
import { readKey } from '../keys.ts';
import { resolveIncident } from './resolve.ts';

export function incidentRoutes(route: Declare): void {
  route('POST', '/incidents/:incidentKey/resolution', 'incident.resolve', (call) =>
    resolveIncident(call, readKey(call.params['incidentKey'], 'incidentKey')),
  );
}
