/** What an owner may limit, and a model may declare for itself: see docs/limits.md. */

/** Of one process instance; a model may narrow them for itself, in its `procos:security` block. */
export const INSTANCE_LIMITS = [
  /** Steps in the whole life of an instance, from when such a limit holds for it. */
  'steps',
  /** Steps that one cause may lead to without anything that waits. */
  'stepsWithoutWait',
  /** How often one element may begin in one scope without anything that waits. */
  'laps',
  /** Instances of one loop. */
  'loopInstances',
  /** Element instances alive at the same time. */
  'elements',
  /** Calls that lead to an instance, one inside the other. */
  'callDepth',
  /** Age, ms. */
  'time',
  /** Instances that it has called and that are alive. */
  'children',
  /** The same, with all that those have called. */
  'tree',
  /** One variable, characters of its JSON text. */
  'variableSize',
  /** Lists and maps in each other in one variable. */
  'variableDepth',
  /** All variables together, characters of their JSON text. */
  'instanceSize',
  /** External tasks that are open at the same time. */
  'openTasks',
  /** External tasks created in its life, from when such a limit holds for it. */
  'createdTasks',
  /** Tokens that AI tasks have used, in and out. */
  'aiTokens',
  /** What those have cost, millionths of the currency of the price list. */
  'aiCost',
] as const;

/** Of all instances of a definition or tenant together. */
export const POOL_LIMITS = [
  /** Instances alive at the same time. */
  'instances',
  /** Starts within the minute that began with the first of them. */
  'startsPerMinute',
  /** Per day of UTC. */
  'aiTokensPerDay',
  /** Per day of UTC, millionths of the currency. */
  'aiCostPerDay',
] as const;

export type InstanceLimit = (typeof INSTANCE_LIMITS)[number];
export type PoolLimit = (typeof POOL_LIMITS)[number];
export type LimitKind = InstanceLimit | PoolLimit;

export const LIMIT_KINDS: readonly LimitKind[] = [...INSTANCE_LIMITS, ...POOL_LIMITS];

/** An error event with this code takes over when the limit is reached. */
export function limitErrorCode(kind: LimitKind): string {
  return `${ANY_LIMIT_CODE}.${kind}`;
}

/** The code for every limit. */
export const ANY_LIMIT_CODE = 'procos.limit';
