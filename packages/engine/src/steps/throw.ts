/** An error or an escalation looks for who catches it. */
import { catches, findCatcher } from '../actions/catchers.ts';
import { Fault } from '../actions/fault.ts';
import type { Visit } from '../actions/turn.ts';
import { warn } from '../actions/warnings.ts';
import type { StepOf } from '../records/steps.ts';

export function throwError(at: Visit, { error }: StepOf<'throwError'>): Fault | undefined {
  const catcher = findCatcher(at, { kind: 'error', ...error });
  if (catcher instanceof Fault) return catcher;
  const text = error.message === null ? '' : ` (${error.message})`;
  if (catcher === undefined) {
    return new Fault(
      'unhandledError',
      `error '${error.code}'${text} thrown at '${at.self.elementId}' is caught by no boundary event and no event sub-process`,
    );
  }
  const by = catcher.host.instance;
  const reason = by === at.instance ? undefined : `error '${error.code}'${text}, caught by process instance ${by.id}`;
  catches(catcher, reason);
  return undefined;
}

/** Nobody has to catch an escalation (BPMN 2.0.2, section 10.5.7): then it is only noted. */
export function throwEscalation(at: Visit, { escalation }: StepOf<'throwEscalation'>): Fault | undefined {
  const catcher = findCatcher(at, { kind: 'escalation', ...escalation });
  if (catcher instanceof Fault) return catcher;
  if (catcher !== undefined) catches(catcher);
  else warn(at, `escalation '${escalation.code}' is caught by no boundary event and no event sub-process`);
  return undefined;
}
