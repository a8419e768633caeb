/** `POST /signal`: to everybody who waits for it, or to one execution. */
import type { Call, Declare } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { optionalFlag, optionalText } from '../body.ts';
import { invalid, RestError, rejected } from '../errors.ts';
import { readVariables } from '../typed-values.ts';

export function signalRoutes(route: Declare): void {
  route('POST', '/signal', 'signal.broadcast', broadcast);
}

async function broadcast({ engine, body, by }: Call): Promise<undefined> {
  const name = optionalText(body, 'name');
  if (name === undefined || name === '') throw invalid('No signal name given');
  const execution = optionalText(body, 'executionId');
  const tenantId = optionalFlag(body, 'withoutTenantId') ? null : optionalText(body, 'tenantId');
  const outcome = await engine.submit(
    {
      type: 'broadcastSignal',
      name,
      variables: readVariables(body['variables']),
      ...(tenantId === undefined ? {} : { tenantId }),
      ...(execution === undefined ? {} : { elementInstanceId: parseId(execution) }),
    },
    by,
  );
  if (outcome.ok) return undefined;
  if (execution === undefined) throw rejected(outcome.rejection);
  const why = `Execution '${execution}' has not subscribed to a signal event with name '${name}'.`;
  throw new RestError(500, 'ProcessEngineException', why);
}
