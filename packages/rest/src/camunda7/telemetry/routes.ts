/** `/telemetry`: nothing is collected, and nothing is sent to anybody. */
import type { Call, Declare } from '../../call.ts';
import { optionalFlag } from '../body.ts';
import { invalid } from '../errors.ts';

export function telemetryRoutes(route: Declare): void {
  route('GET', '/telemetry/configuration', 'identity.read', () => ({ enableTelemetry: false }));
  route('POST', '/telemetry/configuration', 'identity.change', ({ body }) => {
    if (optionalFlag(body, 'enableTelemetry') !== true) return undefined;
    throw invalid('Telemetry cannot be enabled: this server collects nothing and sends nothing to anybody');
  });
  route('GET', '/telemetry/data', 'identity.read', data);
}

const UNKNOWN = { vendor: null, version: null };
const NO_LICENCE = {
  customer: null,
  type: null,
  'valid-until': null,
  unlimited: null,
  features: {},
  raw: null,
};

/** The product alone; everything else is null or empty, as there is nothing that would be collected. */
function data({ kernel }: Call): unknown {
  const internals = {
    database: UNKNOWN,
    'application-server': UNKNOWN,
    'license-key': NO_LICENCE,
    'camunda-integration': [],
    commands: {},
    metrics: {},
    webapps: [],
    jdk: UNKNOWN,
    'data-collection-start-date': null,
  };
  const product = { name: 'ProcOS', version: kernel.status().version, edition: null, internals };
  return { installation: null, product };
}
