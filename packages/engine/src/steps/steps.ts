/** Runs the follow-up steps of a command; what stops one becomes an incident, a later try or an errand in one place. */

import { cancelFromOutside } from '../actions/cancel.ts';
import { canceling } from '../actions/canceled.ts';
import { yieldTurn } from '../actions/chain.ts';
import { checkConditions } from '../actions/conditional-events.ts';
import { raiseDeadlocks } from '../actions/deadlocks.ts';
import { createExternalTask } from '../actions/external-work.ts';
import { Detour, type Fault, LimitReached } from '../actions/fault.ts';
import { enter } from '../actions/flow.ts';
import { handOver } from '../actions/hand-over.ts';
import { raiseIncident } from '../actions/incidents.ts';
import { cancelOnRequest } from '../actions/instructions.ts';
import { startJoins } from '../actions/joins.ts';
import { catchLimit, reachTimeLimit } from '../actions/limits.ts';
import { continueLoop } from '../actions/loops.ts';
import { retryLater } from '../actions/retries.ts';
import { halts, raiseRunaways } from '../actions/runaways.ts';
import { continueSignal, deliverSignal } from '../actions/signals.ts';
import { type Turn, type Visit, visit } from '../actions/turn.ts';
import { undoAndCancel } from '../actions/undo-and-cancel.ts';
import { visitInstances } from '../actions/visit-instances.ts';
import { continueAdHoc } from '../elements/ad-hoc-sub-process.ts';
import { endScope } from '../elements/throwing.ts';
import type { Progressed, Step } from '../records/steps.ts';
import { activate } from './activate.ts';
import { arrive } from './arrive.ts';
import { changeUserTask } from './change-user-task.ts';
import { complete } from './complete.ts';
import { continueTurn } from './continue-turn.ts';
import { continueUndo } from './continue-undo.ts';
import { throwError, throwEscalation } from './throw.ts';
import { trigger } from './trigger.ts';

/** Runs steps until none is left and no join can start, or until the command has done its share. */
export function runSteps(turn: Turn): void {
  turn.accept();
  do {
    checkConditions(turn);
    for (let step = turn.nextStep(); step !== undefined; step = turn.nextStep()) {
      runStep(turn, step);
      checkConditions(turn);
      if (isSpent(turn)) {
        yieldTurn(turn);
        break;
      }
    }
  } while (startJoins(turn));
  if (turn.postponed.length > 0) yieldTurn(turn);
  turn.settleCounts();
  raiseRunaways(turn);
  raiseDeadlocks(turn);
}

/** Never between an event and what it interrupts. */
function isSpent(turn: Turn): boolean {
  const { stepsDone, chain, limits } = turn;
  return stepsDone >= limits.stepsPerCommand && stepsDone < chain.stepsLeft && !turn.hasTriggers;
}

function runStep(turn: Turn, step: Step): void {
  const at = visitOf(turn, step);
  if (at === undefined || isLeaving(at, step)) return;
  turn.stepsDone += 1;
  if (halts(at, step)) return;
  const fault = perform(at, step);
  if (fault === undefined) return;
  if (fault instanceof Detour) {
    sendErrand(at, fault, fault.retry ?? step);
    return;
  }
  if (fault instanceof LimitReached && catchLimit(at, fault)) return;
  const again = anew(fault.retry ?? step);
  if (!waitsAlready(at, step) && !retryLater(at, again))
    raiseIncident(at, { kind: fault.kind, message: fault.message, step: again });
}

/** It is canceled as soon as a listener here has been told: what it was about to do itself is not done any more. */
function isLeaving({ turn, self }: Visit, step: Step): boolean {
  return self.externalTaskId !== null && CARRYING_ON.includes(step.kind) && canceling(turn, self) !== undefined;
}

const CARRYING_ON: readonly Step['kind'][] = [
  'activate',
  'complete',
  'changeUserTask',
  'continueUndo',
  'continueAdHoc',
];

/** A step that is tried again asks its scripts again: one of them, or what it has read, may be what was wrong. */
function anew(step: Step): Step {
  if (!('scripts' in step)) return step;
  const { scripts: _, ...rest } = step;
  return rest;
}

function visitOf(turn: Turn, step: Step): Visit | undefined {
  const where = step.kind === 'arrive' || step.kind === 'enter' ? step.scopeId : step.elementInstanceId;
  const at = visit(turn, step.processInstanceId, where);
  const { scripts } = step as Step & Progressed;
  return at === undefined || scripts === undefined ? at : { ...at, scripts };
}

/** The step goes on when a worker has done the errand; one that is under way already does for both. */
function sendErrand(at: Visit, { purpose, work, key, variables }: Detour, step: Step): void {
  if (at.self.externalTaskId !== null) return;
  const fault = createExternalTask(at, work, { purpose, step, key, variables, headers: work.headers ?? {} });
  if (fault !== undefined) raiseIncident(at, { kind: fault.kind, message: fault.message, step });
}

/** The same step failed before and has not been tried again: a scope that an event has re-entered, a loop that went on. */
function waitsAlready({ turn, self }: Visit, step: Step): boolean {
  if (step.kind !== 'complete' && step.kind !== 'continueLoop' && step.kind !== 'continueAdHoc') return false;
  return [...self.incidents].some((id) => turn.state.incidents.get(id)?.step?.kind === step.kind);
}

function perform(at: Visit, step: Step): Fault | undefined {
  switch (step.kind) {
    case 'arrive':
      return arrive(at, step);
    case 'enter':
      enter(at, step.elementId, step);
      return undefined;
    case 'activate':
      return activate(at, step);
    case 'complete':
      return complete(at, step);
    case 'trigger':
      return trigger(at, step);
    case 'cancelInstance':
      if (step.compensate === true) undoAndCancel(at.turn, at.instance, step);
      else cancelFromOutside(at.turn, at.instance, step);
      return undefined;
    case 'cancelElement':
      cancelOnRequest(at, step);
      return undefined;
    case 'endScope':
      endScope(at, step);
      return undefined;
    case 'throwError':
      return throwError(at, step);
    case 'throwEscalation':
      return throwEscalation(at, step);
    case 'continueUndo':
      return continueUndo(at);
    case 'continueAdHoc':
      return continueAdHoc(at, step);
    case 'changeUserTask':
      return changeUserTask(at, step);
    case 'continueLoop':
      return continueLoop(at, step);
    case 'deliverSignal':
      deliverSignal(at.turn, step);
      return undefined;
    case 'continueSignal':
      continueSignal(at.turn, step);
      return undefined;
    case 'reachTimeLimit':
      return reachTimeLimit(at);
    case 'visitInstances':
      visitInstances(at.turn, step);
      return undefined;
    case 'handOver':
      handOver(at.turn, step);
      return undefined;
    case 'continueTurn':
      continueTurn(at.turn, step);
      return undefined;
  }
}
