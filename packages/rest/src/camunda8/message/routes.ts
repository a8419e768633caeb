/** `/messages` and `/signals`. */
import type { Call, Declare } from '../../call.ts';
import { Members } from '../members.ts';
import { broadcastSignal } from '../signal/broadcast.ts';
import { readVariables } from '../variables.ts';
import { correlateMessage, type Message, publishMessage } from './publish.ts';

export function messageRoutes(route: Declare): void {
  route('POST', '/messages/publication', 'message.correlate', (call) => {
    const members = new Members(call.body);
    return publishMessage(call, {
      ...readMessage(call),
      timeToLiveMs: members.optionalWhole('timeToLive', { least: 0 }) ?? 0,
      messageId: members.optionalText('messageId') || undefined,
    });
  });
  route('POST', '/messages/correlation', 'message.correlate', (call) => correlateMessage(call, readMessage(call)));
  route('POST', '/signals/broadcast', 'signal.broadcast', (call) => {
    const members = new Members(call.body);
    const name = members.text('signalName');
    return broadcastSignal(call, name, readVariables(members.raw('variables')), members.tenant());
  });
}

function readMessage({ body }: Call): Message {
  const members = new Members(body);
  return {
    name: members.text('name'),
    correlationKey: members.optionalText('correlationKey') ?? '',
    variables: readVariables(members.raw('variables')),
    tenantId: members.tenant(),
  };
}
