/** Every command and what handles it; a command without a handler does not compile. */
import type { Turn } from '../actions/turn.ts';
import type { CommandOf, CommandType, ItemCommandType } from '../records/commands.ts';
import type { Outcome } from '../records/rejection.ts';
import { activateAdHoc } from './activate-ad-hoc.ts';
import { applyPolicy } from './apply-policy.ts';
import { cancelProcessInstance } from './cancel-process-instance.ts';
import { changeTimer, recalculateTimer, removeTimer, setTimerRule } from './change-timer.ts';
import { pinClock, resetClock } from './clock.ts';
import { completeExternalTask } from './complete-external-task.ts';
import { createProcessInstance } from './create-process-instance.ts';
import { deploy } from './deploy.ts';
import { evaluateConditions } from './evaluate-conditions.ts';
import { evaluateDecision } from './evaluate-decision.ts';
import {
  extendLock,
  keepLocks,
  lockExternalTask,
  setExternalTaskPriority,
  setExternalTaskRetries,
  unlockExternalTask,
} from './external-task-locks.ts';
import { failExternalTask } from './fail-external-task.ts';
import { fetchAndLock } from './fetch-and-lock.ts';
import type { CommandHandler } from './handler.ts';
import { removeHistory, setHistoryTimeToLive } from './history.ts';
import { changeIdentities, requestIdentityChange } from './identities.ts';
import { importProcessInstances } from './import-process-instances.ts';
import { annotateIncident, raiseIncident } from './incidents-by-hand.ts';
import { broadcastSignal, correlateMessage, expireMessages, publishMessage } from './messages.ts';
import { migrateProcessInstance } from './migrate-process-instance.ts';
import { modifyProcessInstance } from './modify-process-instance.ts';
import { addNote, changeComment, removeNotes } from './notes.ts';
import { removeDecisions, removeDefinitions, removeDeployment } from './remove-deployment.ts';
import { reserveAi } from './reserve-ai.ts';
import { resolveIncident } from './resolve-incident.ts';
import { fenceExternalTasks, recordRestore } from './restore.ts';
import { setLimits } from './set-limits.ts';
import { setSuspension } from './set-suspension.ts';
import { setTopicServer } from './set-topic-server.ts';
import { setVariables } from './set-variables.ts';
import { removeTaskFilter, setTaskFilter } from './task-filters.ts';
import { throwBpmnError } from './throw-bpmn-error.ts';
import { triggerTimer } from './trigger-timer.ts';
import {
  assignUserTask,
  changeUserTaskLink,
  completeUserTask,
  delegateUserTask,
  resolveUserTask,
  throwFromUserTask,
  updateUserTask,
} from './user-tasks.ts';
import { workOnItem } from './work-on-item.ts';

export const handlers: { readonly [T in CommandType]: CommandHandler<T> } = {
  deploy,
  activateAdHoc,
  evaluateConditions,
  evaluateDecision,
  setSuspension,
  setTopicServer,
  setLimits,
  setHistoryTimeToLive,
  removeHistory,
  removeDecisions,
  removeDefinitions,
  removeDeployment,
  modifyProcessInstance,
  migrateProcessInstance,
  createProcessInstance,
  importProcessInstances,
  cancelProcessInstance,
  setVariables,
  fetchAndLock,
  lockExternalTask,
  extendLock,
  unlockExternalTask,
  completeExternalTask,
  reserveAi,
  failExternalTask,
  throwBpmnError,
  setExternalTaskRetries,
  setExternalTaskPriority,
  assignUserTask,
  updateUserTask,
  changeUserTaskLink,
  delegateUserTask,
  resolveUserTask,
  throwFromUserTask,
  completeUserTask,
  addNote,
  changeComment,
  removeNotes,
  setTaskFilter,
  removeTaskFilter,
  correlateMessage,
  publishMessage,
  broadcastSignal,
  triggerTimer,
  changeTimer,
  setTimerRule,
  recalculateTimer,
  removeTimer,
  expireMessages,
  resolveIncident,
  raiseIncident,
  annotateIncident,
  keepLocks,
  pinClock,
  resetClock,
  changeIdentities,
  requestIdentityChange,
  recordRestore,
  keepReply: ({ reply }) => ({ ok: true, value: { keptReply: reply } }),
  applyPolicy,
  fenceExternalTasks,
  workOnItem: workOnItem((command, turn) => runItem(command, turn)),
};

function runItem<T extends ItemCommandType>(command: CommandOf<T>, turn: Turn): Outcome<unknown> {
  return (handlers[command.type] as CommandHandler<T>)(command, turn);
}
