/** What a model uses and does not declare: all of it in one finding, with what has to be added. */
import { type CapabilitySet, type Problem, type ProcessModel, permits, type Use, usesOf } from '@procos/bpmn';
import type { Undeclared } from '@procos/engine';

/** The set that the model itself says it has. */
export function declaredBy(model: ProcessModel, undeclared: Undeclared): CapabilitySet {
  return model.capabilities ?? (undeclared === 'open' ? null : {});
}

/** Walls that the built-in worker has at best around a language; others are not known here. */
const BEST = { javascript: 'wasm-in-box', python: 'box', shell: 'box' } as const;

/** undefined: everything is declared. */
export function undeclaredUses(model: ProcessModel, undeclared: Undeclared): Problem | undefined {
  const set = declaredBy(model, undeclared);
  const refused = usesOf(model).flatMap((use) => {
    const verdict = permits(set, offering(use));
    return verdict.allowed ? [] : [{ ...use, reason: verdict.reason }];
  });
  const [first] = refused;
  if (first === undefined) return undefined;
  const all = refused.map(({ elementId, reason }) => `${elementId}: ${reason}`).join('; ');
  const where = model.capabilities === undefined ? 'has no procos:security block' : 'does not declare what it uses';
  return {
    severity: 'error',
    rule: 'undeclared-capability',
    message: `${model.bpmnProcessId} ${where}. ${all}.`,
    elementId: first.elementId,
    line: first.line,
  };
}

function offering({ request }: Use): Use['request'] {
  // Programs of the operating system run in a box of it.
  if (request.kind === 'tasks' && request.name === 'program_run') return { ...request, offered: 'box' };
  if (request.kind !== 'scripts' || !Object.hasOwn(BEST, request.name)) return request;
  return { ...request, offered: BEST[request.name as keyof typeof BEST] };
}
