/** `/api/services`: services register, say that they are there, are chosen, and what came of calling them is noted. */
import { HEARTBEAT_MS, type ServiceStatus, STRATEGIES, watchHealth } from '@procos/kernel';
import type { ChosenService, ServiceLease, ServiceList, ServiceRow } from '@procos/protocol';
import { Answer, type Call, type JsonObject } from '../call.ts';
import { ApiRefusal } from './errors.ts';
import { instant } from './instants.ts';
import { optionalFlag, optionalText, optionalWhole, requiredText, textParameter, wrong } from './parameters.ts';
import { short, textList } from './workers.ts';

export function listServices(call: Call): ServiceList {
  const name = textParameter(call, 'name');
  const tag = textParameter(call, 'tag');
  const services = call.kernel.services
    .list()
    .filter((one) => (name === undefined || one.name === name) && (tag === undefined || one.tags.includes(tag)));
  return { services: services.map(serviceRow) };
}

function serviceRow(service: ServiceStatus): ServiceRow {
  return { ...service, registeredAt: instant(service.registeredAt), expiresAt: instant(service.expiresAt) };
}

export function registerService({ kernel, engine, body, log }: Call): Answer {
  const name = short(requiredText(body, 'name'), 'name');
  const endpoint = address(body, 'endpoint') ?? '';
  if (endpoint === '') throw wrong('Member endpoint is missing: give an address, http or https.');
  const healthUrl = address(body, 'healthUrl');
  const known = new Set(kernel.services.list().map(({ id }) => id));
  const service = kernel.services.register({
    id: short(optionalText(body, 'id') ?? `${name}@${endpoint}`.slice(0, 200), 'id'),
    name,
    version: short(optionalText(body, 'version') ?? null, 'version'),
    endpoint,
    healthUrl,
    tags: textList(body, 'tags'),
  });
  if (service === undefined)
    throw new ApiRefusal(503, 'TOO_MANY_SERVICES', 'There are 1,000 services already: remove some of them first.');
  if (healthUrl !== null && !known.has(service.id)) void look(engine, log);
  return new Answer(known.has(service.id) ? 200 : 201, lease(service));
}

async function look(engine: Call['engine'], log: Call['log']): Promise<void> {
  const problem = await watchHealth(engine);
  if (problem !== null) log.error('services_unwatched', `Nobody looks at the health of services: ${problem}`);
}

export function heartbeat(call: Call): ServiceLease {
  const service = call.kernel.services.heartbeat(call.params['id'] ?? '');
  if (service === undefined) throw unknown(call);
  return lease(service);
}

export function removeService(call: Call): void {
  if (!call.kernel.services.remove(call.params['id'] ?? '')) throw unknown(call);
}

export function chooseService({ kernel, body }: Call): ChosenService {
  const strategy = optionalText(body, 'strategy') ?? 'round_robin';
  const known = STRATEGIES.find((one) => one === strategy);
  if (known === undefined) throw wrong(`Member strategy is "${strategy}": give one of ${STRATEGIES.join(', ')}.`);
  const choice = kernel.services.choose({
    name: requiredText(body, 'name'),
    version: optionalText(body, 'version') ?? null,
    tags: textList(body, 'tags'),
    strategy: known,
  });
  if (!choice.ok && choice.why === 'none') throw new ApiRefusal(404, 'NOT_FOUND', choice.message);
  if (!choice.ok) throw new ApiRefusal(503, 'NO_SERVICE', choice.message);
  const { id, name, version, endpoint, tags } = choice.service;
  return { id, name, version, endpoint, tags, call: choice.call };
}

export function noteOutcome(call: Call): void {
  const ok = optionalFlag(call.body, 'ok');
  if (ok === undefined) throw wrong('Member ok is missing: give true or false.');
  if (!call.kernel.services.note(call.params['id'] ?? '', optionalWhole(call.body, 'call') ?? null, ok))
    throw unknown(call);
}

function lease({ id, expiresAt }: ServiceStatus): ServiceLease {
  return { id, expiresAt: instant(expiresAt), heartbeatMs: HEARTBEAT_MS };
}

/** An address over http without credentials; null when there is none. */
function address(body: JsonObject, name: string): string | null {
  const text = optionalText(body, name);
  if (text === undefined || text === '') return null;
  const url = URL.parse(text);
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.password !== '' ||
    text.length > 2_000
  )
    throw wrong(`Member ${name} must be an address, http or https, without user name and password.`);
  return url.href;
}

function unknown({ params }: Call): ApiRefusal {
  return new ApiRefusal(
    404,
    'NOT_FOUND',
    `There is no service ${params['id']} (any more): register it, see /api/services.`,
  );
}
