/** Which of all the limits that apply counts: the least. */
import { INSTANCE_LIMITS, type InstanceLimit, LIMIT_KINDS, type LimitKind } from '@procos/bpmn';
import type { DefinitionId } from '../records/ids.ts';
import type { Limits } from '../records/limits.ts';
import type { Rejection } from '../records/rejection.ts';
import type { Control, Definition, Owned, ProcessInstance } from './entities.ts';
import type { State } from './state.ts';

/** The least of those that apply, and where it comes from. */
export interface Bound {
  readonly kind: LimitKind;
  readonly value: number;
  readonly from: 'settings' | 'model' | 'tenant' | 'definition' | 'version' | 'instance';
  /** Who has set it, when and why; absent for what the settings and the model say. */
  readonly owned?: Owned;
}

export type Bounds = ReadonlyMap<LimitKind, Bound>;

/** What is set for the tenant, the process and the version; of a definition that is gone nothing. */
export function controlsOf(state: State, definitionId: DefinitionId): readonly Control[] {
  if (state.controls.none) return [];
  const definition = state.definitions.get(definitionId);
  return definition === undefined ? [] : controlsOfDefinition(state, definition);
}

function controlsOfDefinition({ controls }: State, definition: Definition): readonly Control[] {
  if (controls.none) return [];
  const { bpmnProcessId, tenantId, version } = definition;
  return [
    tenantId === null ? undefined : controls.of({ kind: 'tenant', tenantId }),
    controls.of({ kind: 'definition', bpmnProcessId, tenantId, version: null }),
    controls.of({ kind: 'definition', bpmnProcessId, tenantId, version }),
  ].filter((control) => control !== undefined);
}

/** Undefined where nobody has set anything and the model declares nothing: by far the most. `instance` absent: one that is to begin. */
export function boundsOf(
  state: State,
  definition: Definition,
  instance: Pick<ProcessInstance, 'control'> | undefined,
  kinds: readonly LimitKind[] = INSTANCE_LIMITS,
): Bounds | undefined {
  const declared = definition.model.capabilities?.limits;
  const own = instance?.control?.limits;
  if (state.controls.none && declared === undefined && own === undefined) return undefined;
  const bounds = new Map<LimitKind, Bound>();
  const narrow = (bound: Bound): void => {
    const known = bounds.get(bound.kind);
    if (known === undefined || bound.value < known.value) bounds.set(bound.kind, bound);
  };
  const add = (from: Bound['from'], limits: Control['limits']): void => {
    for (const kind of kinds) {
      const owned = limits[kind];
      if (owned !== undefined) narrow({ kind, value: owned.value, from, owned });
    }
  };
  for (const { target, limits } of controlsOfDefinition(state, definition)) {
    const from = target.kind === 'tenant' ? 'tenant' : target.version === null ? 'definition' : 'version';
    add(from, limits);
  }
  for (const kind of INSTANCE_LIMITS) {
    const value = declared?.[kind];
    if (value !== undefined) narrow({ kind, value, from: 'model' });
  }
  if (own !== undefined) add('instance', own);
  return bounds.size === 0 ? undefined : bounds;
}

/** Those that the settings of the kernel say something about. */
const SET: Partial<Record<InstanceLimit, keyof Limits>> = {
  stepsWithoutWait: 'stepsWithoutWait',
  laps: 'laps',
  loopInstances: 'loopInstances',
  elements: 'elements',
  callDepth: 'callDepth',
  variableSize: 'variableSize',
  variableDepth: 'variableDepth',
  instanceSize: 'instanceSize',
};

/** The settings, narrowed. */
export function narrowed(limits: Limits, bounds: Bounds): Limits {
  const result: Record<string, number> = { ...limits };
  for (const [kind, setting] of Object.entries(SET)) {
    const bound = bounds.get(kind as InstanceLimit);
    if (bound !== undefined) result[setting] = Math.min(bound.value, limits[setting]);
  }
  return result as unknown as Limits;
}

/** Every limit that holds for the instance, those of the settings among them, in the order of `LIMIT_KINDS`. */
export function allBounds(
  state: State,
  limits: Limits,
  definition: Definition,
  instance: Pick<ProcessInstance, 'control'>,
): Bound[] {
  const bounds = boundsOf(state, definition, instance, LIMIT_KINDS);
  return LIMIT_KINDS.flatMap((kind) => {
    const bound = bounds?.get(kind);
    const setting = SET[kind as InstanceLimit];
    const value = setting === undefined ? undefined : limits[setting];
    if (value !== undefined && (bound === undefined || value <= bound.value))
      return [{ kind, value, from: 'settings' as const }];
    return bound === undefined ? [] : [bound];
  });
}

/** How much of what is limited is used now, as far as that is counted. */
export function usedOf(
  state: State,
  definition: Definition,
  { control, startedAt, elements }: ProcessInstance,
  now: number,
): { readonly [kind in LimitKind]?: number } {
  let openTasks = 0;
  for (const { externalTaskId } of elements.values()) if (externalTaskId !== null) openTasks += 1;
  const { caught: _caught, aiHeld: _held, ...counted } = control?.usage ?? {};
  const used: { [kind in LimitKind]?: number } = {
    ...counted,
    openTasks,
    elements: elements.size,
    time: now - startedAt,
  };
  for (const { living, minute, ai } of controlsOfDefinition(state, definition)) {
    if (living !== undefined) used.instances = Math.max(used.instances ?? 0, living);
    if (minute !== undefined && now - minute.since < MINUTE_MS)
      used.startsPerMinute = Math.max(used.startsPerMinute ?? 0, minute.starts);
    if (ai === undefined || ai.day !== dayOf(now)) continue;
    used.aiTokensPerDay = Math.max(used.aiTokensPerDay ?? 0, ai.tokens);
    used.aiCostPerDay = Math.max(used.aiCostPerDay ?? 0, ai.cost);
  }
  return used;
}

export const MINUTE_MS = 60_000;

/** Days of UTC since the epoch. */
export function dayOf(at: number): number {
  return Math.floor(at / 86_400_000);
}

/** That of the instance, else of its version, its process, its tenant; 0 where nobody has said. */
export function niceOf(state: State, definition: Definition, instance?: Pick<ProcessInstance, 'control'>): number {
  const own = instance?.control?.nice;
  if (own !== undefined) return own.value;
  return controlsOfDefinition(state, definition).findLast(({ nice }) => nice !== undefined)?.nice?.value ?? 0;
}

/** What waits has the highest priority where its instance is the least nice. */
export function priorityOf(state: State, definition: Definition, instance: Pick<ProcessInstance, 'control'>): number {
  return 0 - niceOf(state, definition, instance);
}

/** Why no instance of the definition may begin now, whatever it begins with; undefined: nothing speaks against it. */
export function startRefusal(state: State, definition: Definition, now: number): Rejection | undefined {
  for (const control of controlsOf(state, definition.id)) {
    const { instances, startsPerMinute } = control.limits;
    if (instances !== undefined && (control.living ?? 0) >= instances.value)
      return refused(
        definition,
        control,
        'instances',
        instances,
        `${control.living ?? 0} are alive; try again when one has ended`,
      );
    const { minute } = control;
    if (startsPerMinute === undefined) continue;
    const left = minute === undefined ? 0 : minute.since + MINUTE_MS - now;
    const starts = left > 0 ? (minute?.starts ?? 0) : 0;
    if (starts < startsPerMinute.value) continue;
    const when = startsPerMinute.value === 0 ? 'none may begin' : `try again in ${Math.ceil(left / 1000)} s`;
    return refused(definition, control, 'startsPerMinute', startsPerMinute, `${starts} have begun; ${when}`);
  }
  return undefined;
}

function refused(
  { bpmnProcessId }: Definition,
  { target }: Control,
  kind: LimitKind,
  { value, by, reason }: Owned,
  what: string,
): Rejection {
  const scope = target.kind === 'tenant' ? `tenant '${target.tenantId}'` : `process '${bpmnProcessId}'`;
  const version = target.kind === 'definition' && target.version !== null ? ` version ${target.version}` : '';
  const setter = by === '' ? 'somebody unknown' : `'${by}'`;
  return {
    code: 'LIMIT_REACHED',
    message: `limit '${kind}' of ${scope}${version} is ${value}: ${what}, or raise the limit (set by ${setter}: ${reason})`,
    details: { limit: kind, value, by, bpmnProcessId },
  };
}
