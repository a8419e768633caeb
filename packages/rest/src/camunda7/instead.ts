/** What there is instead of operations that are not served, as their refusal says it. A test compares it with docs/compatibility.md, and what it names with what there is. */
import { adviceBy } from '../published-operations.ts';

const REMOVAL =
  'history goes when the time to live of its process definition is over, see PUT /engine-rest/process-definition/{id}/history-time-to-live and the setting history-days; POST /engine-rest/history/process-instance/delete removes it now';

/** By beginnings of paths. */
export const INSTEAD: Readonly<Record<string, string>> = {
  '/authorization':
    'roles permit kinds of work as a whole and no single resource, see the commands procos role and procos user, and POST /api/identity-changes; GET /engine-rest/authorization tells what they permit',
  '/decision-definition':
    'what a decision was evaluated to goes with the process instance that asked for it, everything else by the setting history-days',
  '/history/batch': 'the history of a batch goes by itself, or by DELETE /engine-rest/history/batch/{id}',
  '/history/decision-instance': `${REMOVAL}, as does POST /engine-rest/history/decision-instance/delete`,
  '/history/process-instance': REMOVAL,
  '/history/user-operation':
    'the log of operations is the record log, which nobody changes; a note can be left with POST /engine-rest/task/{id}/comment/create or PUT /engine-rest/incident/{id}/annotation',
  '/metrics/task-worker':
    'task workers are counted from the record log, which nobody changes; the retention shortens it, see the setting log-days',
  '/schema':
    'there is no schema of a database to be looked at; the command procos verify tells the format of the store',
  '/tenant':
    'a tenant is a label that a deployment gives to what it brings (tenant-id), it need not be created and has no members',
};

export const insteadOf: (path: string) => string | undefined = adviceBy(INSTEAD);
