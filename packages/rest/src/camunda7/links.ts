/** The `links` of Camunda's resources. */
import type { Call } from '../call.ts';

export interface Link {
  readonly method: string;
  readonly href: string;
  readonly rel: string;
}

/** One link to the resource itself. */
export function selfLink({ request }: Call, path: string): readonly Link[] {
  return [{ method: 'GET', href: `${request.protocol}://${request.host}/engine-rest${path}`, rel: 'self' }];
}
