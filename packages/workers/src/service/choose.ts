/** Topic `service_choose`: which instance of a service is to be called, for processes that call it in their own way. */
import type { Inputs, Outputs, Services } from '../handler.ts';
import { chooseService } from '../http/service-call.ts';

/** Inputs: service*, service_version, service_tags, service_strategy. Outputs: service_id, endpoint, version, tags, call. */
export async function serviceChoose(inputs: Inputs, services: Services): Promise<Outputs> {
  const { id, endpoint, version, tags, call } = await chooseService(inputs, services);
  return { local: { service_id: id, endpoint, version, tags, call } };
}
