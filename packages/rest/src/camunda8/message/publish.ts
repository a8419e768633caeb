/** Messages: published for who waits or will wait, or correlated with who waits now. */
import type { CommandOf, ReplyOf, Variables } from '@procos/kernel';
import type { Asked } from '../asked.ts';
import { notFound, rejected } from '../errors.ts';
import { keyOf } from '../keys.ts';
import { tenantOf } from '../tenants.ts';

export interface Message {
  readonly name: string;
  /** Empty: it only starts instances, and reaches models of Camunda 7. */
  readonly correlationKey: string;
  readonly variables: Variables;
  readonly tenantId: string | null;
}

export interface Publication extends Message {
  readonly timeToLiveMs: number;
  /** The publisher's own name for it: refused while one of that name is kept. */
  readonly messageId: string | undefined;
}

export interface PublishedMessage {
  readonly messageKey: string;
  readonly tenantId: string;
}

export async function publishMessage(asked: Asked, publication: Publication): Promise<PublishedMessage> {
  const { messageId: uniqueId, ...message } = publication;
  const { messageId } = await publish(asked, { ...message, ...(uniqueId === undefined ? {} : { uniqueId }) });
  return { messageKey: keyOf(messageId), tenantId: tenantOf(message.tenantId) };
}

export interface CorrelatedMessage extends PublishedMessage {
  readonly processInstanceKey: string;
}

/** Refused where nobody waits for it. Of several receivers the first one is told. */
export async function correlateMessage(asked: Asked, message: Message): Promise<CorrelatedMessage> {
  const { messageId, correlated } = await publish(asked, { ...message, timeToLiveMs: 0 });
  const [first] = correlated;
  if (first === undefined)
    throw notFound(`No process waits for message '${message.name}' with correlation key '${message.correlationKey}'`);
  const { processInstanceId } = first;
  return {
    messageKey: keyOf(messageId),
    processInstanceKey: keyOf(processInstanceId),
    tenantId: tenantOf(message.tenantId),
  };
}

async function publish(
  { engine, by }: Asked,
  message: Omit<CommandOf<'publishMessage'>, 'type'>,
): Promise<ReplyOf<'publishMessage'>> {
  const outcome = await engine.submit({ type: 'publishMessage', ...message }, by);
  if (!outcome.ok) throw rejected(outcome.rejection);
  return outcome.value;
}
