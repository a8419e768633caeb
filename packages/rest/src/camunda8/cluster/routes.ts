/** What the cluster is: one broker with one partition, which is this kernel. */
import type { Json } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { Problem } from '../errors.ts';
import { DEFAULT_TENANT } from '../tenants.ts';
import { topology } from './topology.ts';

export function clusterRoutes(route: Declare): void {
  route('GET', '/topology', 'engine.read', ({ kernel, request }) => {
    const { localAddress = '127.0.0.1', localPort = 0 } = request.socket;
    return topology(kernel, localAddress, localPort);
  });
  route('GET', '/status', 'health.read', status);
  route('GET', '/license', 'engine.read', () => LICENSE);
  route('GET', '/authentication/me', 'identity.readOwn', whoAmI);
}

/** None is needed. */
const LICENSE = { validLicense: true, licenseType: 'Apache-2.0', isCommercial: false, expiresAt: null };

/** 204: work is taken, also while the system still boots. */
function status({ kernel }: Call): undefined {
  const { phase } = kernel.status();
  if (phase === 'stopping') throw new Problem('UNAVAILABLE', 'The system is shutting down and takes no new work');
  return undefined;
}

function whoAmI({ request, by }: Call): Record<string, Json> {
  const { proved } = request;
  return {
    username: by.id,
    displayName: null,
    email: null,
    authorizedComponents: ['*'],
    tenants: [{ name: 'Default', tenantId: DEFAULT_TENANT, description: null }],
    groups: proved?.caller.groups ?? [],
    roles: proved?.caller.roles ?? [],
    salesPlanType: null,
    c8Links: {},
    canLogout: proved !== null,
  };
}
