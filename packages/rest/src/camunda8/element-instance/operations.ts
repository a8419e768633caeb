/** What may be done to an element instance: its variables, and what an ad-hoc sub-process begins with. */
import type { Variables } from '@procos/kernel';
import type { Asked } from '../asked.ts';
import { notFound, type Problem, rejected } from '../errors.ts';

/** In the very scope (`local`), or where each is found upward, else in the process instance. `key`: of either. */
export async function setVariables(
  asked: Asked,
  key: number,
  { variables, local }: { readonly variables: Variables; readonly local: boolean },
): Promise<void> {
  const processInstanceId = instanceOf(asked, key);
  const { engine, by } = asked;
  const outcome = await engine.submit({ type: 'setVariables', processInstanceId, scopeId: key, variables, local }, by);
  if (outcome.ok) return;
  throw outcome.rejection.code === 'NOT_FOUND' ? noScope(key) : rejected(outcome.rejection);
}

export interface AdHocActivation {
  readonly elements: readonly { readonly elementId: string; readonly variables: Variables }[];
  readonly cancelRemaining: boolean;
}

export async function activateAdHoc(
  asked: Asked,
  key: number,
  { elements, cancelRemaining }: AdHocActivation,
): Promise<void> {
  const processInstanceId = instanceOf(asked, key);
  const { engine, by } = asked;
  const named = elements.map(({ elementId, variables }) =>
    Object.keys(variables).length === 0 ? { elementId } : { elementId, variables },
  );
  const command = { type: 'activateAdHoc', processInstanceId, elementInstanceId: key, elements: named } as const;
  const outcome = await engine.submit(cancelRemaining ? { ...command, cancelRemaining } : command, by);
  if (!outcome.ok) throw rejected(outcome.rejection);
}

/** The process instance of an element instance, or the instance itself. */
function instanceOf({ engine }: Asked, key: number): number {
  const where = [{ column: 'id', op: '=', value: key }] as const;
  const [element] = engine.find('elementInstances', { where });
  if (element !== undefined) return element.processInstanceId;
  if (engine.count('processInstances', { where }) > 0) return key;
  throw noScope(key);
}

function noScope(key: number): Problem {
  return notFound(`There is no active element instance or process instance with key ${key}`);
}
