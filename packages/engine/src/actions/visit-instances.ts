/** Instances that were there before their owner has set something: looked at in short commands, so that others get their turn. */
import type { ControlId, ProcessInstanceId } from '../records/ids.ts';
import type { StepOf } from '../records/steps.ts';
import { controlsOf } from '../state/controls.ts';
import { followUp, NOBODY } from './chain.ts';
import { watchTime } from './limits.ts';
import type { Turn } from './turn.ts';

const AT_ONCE = 100;

type VisitInstances = StepOf<'visitInstances'>;

export function visitLater(turn: Turn, controlId: ControlId, purpose: VisitInstances['purpose'], upTo: number): void {
  const nobody = { processInstanceId: NOBODY, elementInstanceId: NOBODY };
  followUp(turn, { kind: 'visitInstances', controlId, purpose, upTo, ...nobody }, undefined);
}

/** What was counted meanwhile, or is not asked for any more, is left alone. */
export function visitInstances(turn: Turn, { controlId, purpose, upTo }: VisitInstances): void {
  const control = turn.state.controls.get(controlId);
  if (control === undefined || (purpose === 'count' && control.countedFrom !== upTo + 1)) return;
  const some = turn.state.instances.upTo(upTo, AT_ONCE);
  const mine = some.filter(({ definitionId }) =>
    controlsOf(turn.state, definitionId).some(({ id }) => id === controlId),
  );
  const last: ProcessInstanceId | undefined = some.length < AT_ONCE ? undefined : some.at(-1)?.id;
  if (purpose === 'count')
    turn.emit({ type: 'instancesCounted', controlId, countedFrom: last ?? 0, found: mine.length });
  else for (const instance of mine) watchTime(turn, instance);
  if (last !== undefined) visitLater(turn, controlId, purpose, last - 1);
}
