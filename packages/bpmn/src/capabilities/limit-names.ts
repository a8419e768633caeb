/** Limits that a process may lower for itself; an operator sets them by the same names (docs/settings.md). */

export const LIMIT_NAMES: readonly string[] = [
  'laps',
  'callDepth',
  'loopInstances',
  'elements',
  'variableSize',
  'variableDepth',
  'instanceSize',
];
