/** Checks what comes in against what a route says of itself: names of query parameters, members of the body. */
import type { Call } from '../../call.ts';
import { wrong } from '../parameters.ts';
import type { RouteAbout } from './contract.ts';
import { faultIn } from './judge.ts';
import { schemaOf, schemas } from './schemas.ts';

/** Throws an `ApiRefusal` that says what is wrong, and where. */
export function checkOf({ query = {}, body, judgesBody }: RouteAbout): (call: Call) => void {
  const names = Object.keys(query);
  const schema = typeof body === 'string' && !judgesBody ? schemaOf(body) : undefined;
  return (call) => {
    refuseUnknown(call, names);
    const fault = schema === undefined ? undefined : faultIn(call.body, schema, schemas);
    if (fault === undefined) return;
    const more = fault.text === 'is missing' ? ': see /api/openapi.json' : '';
    throw wrong(`Member ${fault.path} ${fault.text}${more}.`);
  };
}

function refuseUnknown({ query }: Call, names: readonly string[]): void {
  const unknown = Object.keys(query).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const known = names.length === 0 ? 'this route has none' : `there are ${names.join(', ')}`;
  throw wrong(`There is no query parameter ${unknown}: ${known}.`);
}
