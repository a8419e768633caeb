/** Scopes that a migration takes away from around what is active, and those that it puts around it (Camunda 7). */
import type { ProcessModel } from '@procos/bpmn';
import type { ElementInstanceId } from '../records/ids.ts';
import type { ElementInstance } from '../state/entities.ts';
import { cancelOne } from './cancel.ts';
import { tellCanceled } from './canceled.ts';
import { enter } from './flow.ts';
import type { InstructionOptions } from './instructions.ts';
import { losesLoop, type Mapped } from './migration.ts';
import type { Visit } from './turn.ts';
import { applyOutputs } from './variables.ts';
import { warn } from './warnings.ts';
import { within } from './within.ts';

/**
 * Scopes that are not mapped end, the innermost first, before anything has moved: their end listeners and output mappings run,
 * their own variables go with them, and what is inside goes into the scope around them. So do the loops around instances of
 * activities that do not loop in the target.
 */
export function leaveScopes(root: Visit, target: ProcessModel, mapped: Mapped, options: InstructionOptions): void {
  const { turn, instance, model } = root;
  for (const self of within(instance, instance.id, false)) {
    if (self.scopeId === null) continue;
    if (losesLoop(self, target, mapped)) {
      takeAway(root, self, self.scopeId);
      continue;
    }
    if (mapped(self.elementId) !== undefined) continue;
    if (options.skipListeners !== true) tellCanceled(turn, instance, [self]);
    const fault =
      options.skipMappings === true
        ? undefined
        : applyOutputs({ ...root, self }, model.elements[self.elementId]?.outputs);
    if (fault !== undefined)
      warn({ ...root, self }, `left by a migration without its output mappings: ${fault.message}`);
    takeAway(root, self, self.scopeId);
  }
}

function takeAway(root: Visit, self: ElementInstance, above: ElementInstanceId): void {
  const { turn, instance } = root;
  const inside = [...instance.elements.values()].filter(({ scopeId }) => scopeId === self.id);
  for (const inner of inside) move(root, inner, above, self.role === 'body');
  cancelOne(turn, instance, self);
}

/**
 * What moved into a scope that is new in the target gets an instance of it around itself, one for all that is active in the
 * same scope: with its input mappings, start listeners, boundary events and event sub-processes; nothing in it begins by itself.
 */
export function enterScopes(root: Visit, options: InstructionOptions): void {
  const { instance, model } = root;
  const entered = new Map<string, ElementInstanceId>();
  for (const self of within(instance, instance.id, false).reverse()) {
    const scope = self.scopeId === null ? undefined : instance.elements.get(self.scopeId);
    // Instances of a loop are in its body.
    if (scope === undefined || self.loopIndex !== null) continue;
    const missing: string[] = [];
    for (let id = model.elements[self.elementId]?.scopeId; id !== undefined && id !== scope.elementId; ) {
      missing.unshift(id);
      id = model.elements[id]?.scopeId;
    }
    let around = scope;
    for (const elementId of missing) around = scopeIn({ ...root, self: around }, elementId, entered, options);
    if (around !== scope) move(root, self, around.id);
  }
}

function scopeIn(
  above: Visit,
  elementId: string,
  entered: Map<string, ElementInstanceId>,
  { skipListeners = false, skipMappings = false }: InstructionOptions,
): ElementInstance {
  const key = `${above.self.id} ${elementId}`;
  const id = entered.get(key) ?? enter(above, elementId, { bare: true, skipListeners, skipInputs: skipMappings });
  entered.set(key, id);
  const scope = above.instance.elements.get(id);
  if (scope === undefined) throw new Error(`scope ${elementId} was not created`);
  return scope;
}

function move(
  { turn, instance }: Visit,
  { id, elementId }: ElementInstance,
  scopeId: ElementInstanceId,
  outOfLoop = false,
): void {
  const of = { processInstanceId: instance.id, elementInstanceId: id };
  turn.emit({ type: 'elementMoved', elementId, scopeId, ...of, ...(outOfLoop ? { outOfLoop } : {}) });
}
