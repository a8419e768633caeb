/** `POST /api/external-tasks/{id}/ai-reservation`: a worker says what its AI task will use at most, before it asks. */
import type { AiReservationReply } from '@procos/protocol';
import type { Call, JsonObject } from '../call.ts';
import { parseId } from '../ids.ts';
import { rejected } from './errors.ts';
import { optionalWhole, requiredText, wrong } from './parameters.ts';

export async function reserveAi({ engine, by, params, body }: Call): Promise<AiReservationReply> {
  const lockCount = optionalWhole(body, 'lockCount');
  const outcome = await engine.submit(
    {
      type: 'reserveAi',
      externalTaskId: parseId(params['id'] ?? ''),
      workerId: requiredText(body, 'workerId'),
      ...(lockCount === undefined ? {} : { lockCount }),
      tokens: count(body, 'tokens'),
      cost: count(body, 'cost'),
    },
    by,
  );
  if (!outcome.ok) throw rejected(outcome.rejection);
  return outcome.value;
}

function count(body: JsonObject, name: string): number {
  const { [name]: value = 0 } = body;
  if (typeof value !== 'number') throw wrong(`Member ${name} must be a whole number from 0.`);
  return value;
}
