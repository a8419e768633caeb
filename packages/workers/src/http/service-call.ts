/** A request to a service by its name: the registry says which instance, and is told what came of it. */
import { type ChosenService, ProcosClient, ProcosError, WorkerFailure } from '@procos/client';
import { choice, type Inputs, invalid, type Outputs, optionalText, type Services, text } from '../handler.ts';
import { type Settings, setting } from '../settings.ts';

const STRATEGIES = ['round_robin', 'least_used'] as const;

const clients = new WeakMap<Settings, ProcosClient>();
function registryOf(settings: Settings): ProcosClient {
  let client = clients.get(settings);
  if (client === undefined) {
    const token = setting(settings, 'PROCOS_TOKEN');
    const headers = token === '' ? {} : { headers: { authorization: `Bearer ${token}` } };
    client = new ProcosClient({ baseUrl: setting(settings, 'PROCOS_URL'), timeoutMs: 10_000, ...headers });
    clients.set(settings, client);
  }
  return client;
}

/** Inputs service*, service_version, service_tags, service_strategy. Nobody there now is worth another attempt. */
export async function chooseService(inputs: Inputs, { settings }: Services): Promise<ChosenService> {
  const version = optionalText(inputs, 'service_version');
  try {
    return await registryOf(settings).chooseService({
      name: text(inputs, 'service'),
      ...(version === undefined ? {} : { version }),
      tags: tagsOf(inputs),
      strategy: choice(inputs, 'service_strategy', STRATEGIES, 'round_robin'),
    });
  } catch (error) {
    if (!(error instanceof ProcosError)) throw error;
    throw new WorkerFailure(error.message, { retry: error.temporary || error.status === 404, cause: error });
  }
}

/** `send`: does the request with `url` filled in. An answer below 500 counts as well, everything else as a failure. */
export async function callService(
  inputs: Inputs,
  services: Services,
  send: (inputs: Inputs) => Promise<Outputs>,
): Promise<Outputs> {
  const chosen = await chooseService(inputs, services);
  const url = within(chosen.endpoint, optionalText(inputs, 'url') ?? '');
  let ok = false;
  try {
    const { local } = await send({ ...inputs, url });
    ok = Number(local['status_code']) < 500;
    return { local: { ...local, service_id: chosen.id } };
  } finally {
    // Unless somebody stopped it: that says nothing about the service.
    if (ok || !services.signal.aborted) await tell(chosen, ok, services);
  }
}

async function tell({ id, call }: ChosenService, ok: boolean, { settings, log }: Services): Promise<void> {
  try {
    await registryOf(settings).noteServiceOutcome(id, { ok, call });
  } catch (error) {
    // It has gone meanwhile, or the server has: the work is done all the same.
    log.debug('service_outcome_lost', `The outcome of service ${id} was not noted: ${String(error)}`);
  }
}

/** A path below the endpoint; it cannot lead to another host. */
function within(endpoint: string, path: string): string {
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(path))
    throw invalid(`With a service, url is a path below its endpoint, not '${path}'.`);
  const base = new URL(endpoint);
  const url = new URL(`${base.pathname.replace(/\/$/, '')}/${path.replace(/^\//, '')}`, base.origin);
  if (path === '') return base.href;
  if (url.origin !== base.origin) throw invalid(`'${path}' is not a path below ${endpoint}.`);
  return url.href;
}

function tagsOf(inputs: Inputs): string[] {
  const given = inputs['service_tags'];
  if (given === undefined || given === null) return [];
  const list = typeof given === 'string' ? given.split(',') : given;
  if (!Array.isArray(list)) throw invalid(`Input 'service_tags' must be a list of texts.`);
  return list.map((tag) => String(tag).trim()).filter((tag) => tag !== '');
}
