/** What throwing events do, at an end or on the way: message, signal, error, terminate. */
import type { EventDefinition } from '@procos/bpmn';
import { cancelContent } from '../actions/cancel.ts';
import { createExternalTask } from '../actions/external-work.ts';
import { Fault } from '../actions/fault.ts';
import { broadcast, throwMessage } from '../actions/messages.ts';
import type { Visit } from '../actions/turn.ts';
import { evaluateMappings, evaluateText, visibleVariables } from '../actions/variables.ts';
import type { Variables } from '../records/events.ts';
import type { Progress } from './behavior.ts';

export function throwEvent(event: EventDefinition, at: Visit): Progress {
  switch (event.kind) {
    case 'message':
      return throwsMessage(event, at);
    case 'signal':
      return throwsSignal(event, at);
    case 'error':
      return throwsError(event, at);
    case 'terminate':
      return terminates(at);
    default:
      return 'complete';
  }
}

function throwsMessage(event: EventDefinition & { readonly kind: 'message' }, at: Visit): Progress {
  if (event.work !== undefined) return createExternalTask(at, event.work) ?? 'wait';
  const name = evaluateText(at, event.name, 'message name');
  if (name instanceof Fault) return name;
  if (name.text === null || name.text === '') return new Fault('message', emptyName('message', at));
  const key = evaluateText(at, event.correlationKey, 'correlation key');
  if (key instanceof Fault) return key;
  throwMessage(
    at.turn,
    name.text,
    key.text ?? at.instance.businessKey ?? '',
    Object.fromEntries(at.self.variables),
    at.instance.tenantId,
  );
  return 'complete';
}

function throwsSignal(event: EventDefinition & { readonly kind: 'signal' }, at: Visit): Progress {
  const name = evaluateText(at, event.name, 'signal name');
  if (name instanceof Fault) return name;
  if (name.text === null || name.text === '') return new Fault('message', emptyName('signal', at));
  const mapped = evaluateMappings(at, event.in ?? [], 'signal variable');
  if (mapped instanceof Fault) return mapped;
  const all: Variables = event.inAll === true ? Object.fromEntries(visibleVariables(at.instance, at.self)) : {};
  broadcast(at.turn, name.text, { ...all, ...mapped }, at.instance.tenantId);
  return 'complete';
}

function emptyName(kind: string, at: Visit): string {
  return `${kind} name of '${at.self.elementId}' is empty: give it a value`;
}

function throwsError(event: EventDefinition & { readonly kind: 'error' }, at: Visit): Progress {
  const code = evaluateText(at, event.code, 'error code');
  if (code instanceof Fault) return code;
  const message = evaluateText(at, event.message, 'error message');
  if (message instanceof Fault) return message;
  at.turn.enqueue({
    kind: 'throwError',
    processInstanceId: at.instance.id,
    elementInstanceId: at.self.id,
    error: { code: code.text ?? '', message: message.text },
  });
  return 'wait';
}

function terminates(at: Visit): Progress {
  const scope = at.instance.elements.get(at.self.scopeId ?? at.instance.id);
  if (scope !== undefined) cancelContent(at.turn, at.instance, scope, at.self.id);
  return 'complete';
}
