/** The `links` of Camunda's resources. */
import type { Call, Method } from '../call.ts';

export interface Link {
  readonly method: string;
  readonly href: string;
  readonly rel: string;
}

/** One link to the resource itself. */
export function selfLink(call: Call, path: string): readonly Link[] {
  return [linkTo(call, 'GET', path, 'self')];
}

export function linkTo({ request }: Call, method: Method, path: string, rel: string): Link {
  return { method, href: `${request.protocol}://${request.host}/engine-rest${path}`, rel };
}
