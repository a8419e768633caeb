/** Messages, signals and conditions over gRPC. */
import { evaluateConditions } from '../conditional/evaluate.ts';
import { Members } from '../members.ts';
import { publishMessage } from '../message/publish.ts';
import { broadcastSignal } from '../signal/broadcast.ts';
import type { GatewayCall } from './call.ts';
import { variablesOf } from './documents.ts';

export async function publish(call: GatewayCall): Promise<object> {
  const members = new Members(call.message);
  const { messageKey, tenantId } = await publishMessage(call, {
    name: members.text('name'),
    correlationKey: members.optionalText('correlationKey') ?? '',
    timeToLiveMs: members.whole('timeToLive', { least: 0 }),
    messageId: members.optionalText('messageId') || undefined,
    variables: variablesOf(call.message),
    tenantId: members.tenant(),
  });
  return { key: messageKey, tenantId };
}

export async function broadcast(call: GatewayCall): Promise<object> {
  const members = new Members(call.message);
  const name = members.text('signalName');
  const { signalKey, tenantId } = await broadcastSignal(call, name, variablesOf(call.message), members.tenant());
  return { key: signalKey, tenantId };
}

export function evaluateConditional(call: GatewayCall): Promise<object> {
  const members = new Members(call.message);
  return evaluateConditions(call, {
    definitionId: members.optionalKey('processDefinitionKey'),
    variables: variablesOf(call.message),
    tenantId: members.tenant(),
  });
}
