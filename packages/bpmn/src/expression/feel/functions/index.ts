/** The functions that every expression knows by name. */
import type { FeelFunction } from '../values.ts';
import { CONTEXT_FUNCTIONS } from './contexts.ts';
import { CONVERSION_FUNCTIONS } from './conversion.ts';
import { LIST_FUNCTIONS } from './lists.ts';
import { NUMERIC_FUNCTIONS } from './numeric.ts';
import { RANGE_FUNCTIONS } from './ranges.ts';
import { STATISTIC_FUNCTIONS } from './statistics.ts';
import { STRING_FUNCTIONS } from './strings.ts';
import { TEMPORAL_FUNCTIONS } from './temporal.ts';

export const BUILT_IN: ReadonlyMap<string, FeelFunction> = new Map(
  [
    ...CONVERSION_FUNCTIONS,
    ...STRING_FUNCTIONS,
    ...NUMERIC_FUNCTIONS,
    ...LIST_FUNCTIONS,
    ...STATISTIC_FUNCTIONS,
    ...RANGE_FUNCTIONS,
    ...CONTEXT_FUNCTIONS,
    ...TEMPORAL_FUNCTIONS,
  ].map((one) => [one.name, one]),
);

/** What these ask for may be missing: no warnings about it. */
export const SILENT: ReadonlySet<string> = new Set(['is defined', 'get or else']);
