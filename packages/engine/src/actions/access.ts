/** `procos:accessControl`, `start`: whom a model lets begin it from outside. A process that calls it or throws what begins it is not asked. */
import { permits } from '@procos/bpmn';
import type { Variables } from '../records/events.ts';
import type { Rejection } from '../records/rejection.ts';
import type { Definition } from '../state/entities.ts';
import { refuseStart } from './limits.ts';
import type { Turn } from './turn.ts';

/** Why who asks may not begin it; undefined: he may, or his roles are not known. */
export function shutToStarters({ roles, by }: Turn, { model, bpmnProcessId }: Definition): Rejection | undefined {
  const access = model.capabilities?.access;
  if (roles === undefined || access === undefined) return undefined;
  const verdict = permits({ access }, { kind: 'access', action: 'start', roles });
  if (verdict.allowed) return undefined;
  const message = `${by} may not start process ${bpmnProcessId}: ${verdict.reason}, says its procos:security block.`;
  return { code: 'FORBIDDEN', message, details: { bpmnProcessId } };
}

/** Why no instance may begin now for who asks from outside: the model does not let him, or a limit is reached. */
export function refuseBegin(turn: Turn, definition: Definition, variables: Variables = {}): Rejection | undefined {
  return shutToStarters(turn, definition) ?? refuseStart(turn, definition, variables);
}

/** For who cannot be refused: a start event whose instance may not begin is noted. */
export function mayBeBegun(turn: Turn, definition: Definition, variables: Variables): boolean {
  const refusal = refuseBegin(turn, definition, variables);
  if (refusal === undefined) return true;
  turn.emit({ type: 'startRefused', definitionId: definition.id, message: refusal.message });
  return false;
}
