/** The form of a user task, where that is a file that was deployed. */
import type { ProcessEngine } from '@procos/kernel';
import { findForm, type StoredForm } from '../form/forms.ts';
import type { TaskRow } from './task-rows.ts';

/** Several tasks often have the same form: each is looked for once. */
export function formsOf(engine: ProcessEngine): (task: TaskRow) => StoredForm | undefined {
  const known = new Map<string, StoredForm | undefined>();
  return ({ formId, formBinding: binding, definitionId }) => {
    const deploymentId = engine.definition(definitionId)?.deploymentId;
    if (formId === null || deploymentId === undefined) return undefined;
    const key = JSON.stringify([formId, binding, binding?.kind === 'deployment' ? deploymentId : 0]);
    if (!known.has(key)) known.set(key, findForm(engine, formId, { deploymentId, binding }));
    return known.get(key);
  };
}
