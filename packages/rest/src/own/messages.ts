/** `POST /api/messages`: publishes a message by its correlation key, as Camunda 8 does, and keeps it for who comes later. */
import type { PublishReply } from '@procos/protocol';
import { Answer, type Call } from '../call.ts';
import { readVariables } from '../camunda7/typed-values.ts';
import { rejected } from './errors.ts';
import { optionalObject, optionalText, requiredText, wrong } from './parameters.ts';
import { pidText } from './pids.ts';

export async function publishMessage(call: Call): Promise<Answer> {
  const { engine, body, by } = call;
  const { timeToLiveMs = 0 } = body;
  if (typeof timeToLiveMs !== 'number' || !Number.isSafeInteger(timeToLiveMs) || timeToLiveMs < 0)
    throw wrong('Member timeToLiveMs must be a whole number from 0: how long the message is kept, in ms.');
  const uniqueId = optionalText(body, 'uniqueId');
  const values = Object.entries(optionalObject(body, 'variables'));
  const outcome = await engine.submit(
    {
      type: 'publishMessage',
      name: requiredText(body, 'name'),
      correlationKey: optionalText(body, 'correlationKey') ?? '',
      timeToLiveMs,
      variables: readVariables(Object.fromEntries(values.map(([name, value]) => [name, { value }]))),
      tenantId: optionalText(body, 'tenantId') ?? null,
      ...(uniqueId === undefined ? {} : { uniqueId }),
    },
    by,
  );
  if (!outcome.ok) throw rejected(outcome.rejection);
  const { messageId, correlated } = outcome.value;
  const reply: PublishReply = {
    messageId: String(messageId),
    received: correlated.map(({ processInstanceId, started }) => ({ pid: pidText(call, processInstanceId), started })),
  };
  return new Answer(201, reply);
}
