/** Functions on contexts (DMN 1.5, 10.3.4.7). */
import type { Run } from '../run.ts';
import {
  entryOf,
  type FeelContext,
  type FeelFunction,
  type FeelValue,
  isContext,
  isList,
  newContext,
} from '../values.ts';
import { any, context, define, list, signature, text } from './define.ts';

export const CONTEXT_FUNCTIONS: readonly FeelFunction[] = [
  define(
    'get value',
    signature([context('m'), text('key')], ([m, key], run) => entryOf(m, key) ?? absent(m, key, run)),
    signature([context('context'), text('key')], ([m, key], run) => entryOf(m, key) ?? absent(m, key, run)),
    // Camunda's addition: a path.
    signature([context('context'), list('keys')], ([m, keys], run) => valueAt(m, keys, run)),
  ),
  define(
    'get entries',
    signature([context('m')], ([m], run) => entriesOf(m, run)),
    signature([context('context')], ([m], run) => entriesOf(m, run)),
  ),
  define(
    'context',
    signature([list('entries')], ([entries], run) => {
      run.spend(entries.length);
      const made = newContext();
      for (const entry of entries) {
        const key = isContext(entry) ? entryOf(entry, 'key') : undefined;
        const value = isContext(entry) ? entryOf(entry, 'value') : undefined;
        if (typeof key !== 'string' || value === undefined)
          return run.warn('context takes contexts with a key and a value');
        if (Object.hasOwn(made, key)) return run.warn(`context: the key '${key}' is there twice`);
        made[key] = value;
      }
      return made;
    }),
  ),
  define(
    'context put',
    signature([context('context'), text('key'), any('value')], ([m, key, value], run) => put(m, [key], value, run)),
    signature([context('context'), list('keys'), any('value')], ([m, keys, value], run) =>
      keys.length > 0 && keys.every((key) => typeof key === 'string')
        ? put(m, keys, value, run)
        : run.warn('context put takes keys that are texts'),
    ),
  ),
  define(
    'context merge',
    signature([list('contexts')], ([contexts], run) => {
      const merged = newContext();
      for (const one of contexts) {
        if (!isContext(one)) return run.warn('context merge takes contexts only');
        const entries = Object.entries(one);
        run.spend(entries.length);
        for (const [name, value] of entries) merged[name] = value;
      }
      return merged;
    }),
  ),
];

function absent(m: FeelContext, key: string, run: Run): FeelValue {
  return Object.hasOwn(m, key) ? null : run.warn(`get value: there is no entry '${key}'`);
}

function valueAt(m: FeelContext, keys: readonly FeelValue[], run: Run): FeelValue {
  let at: FeelValue = m;
  for (const key of keys) {
    if (!isContext(at) || typeof key !== 'string') return run.warn('get value: there is no entry at this path');
    at = entryOf(at, key) ?? null;
  }
  return at;
}

function entriesOf(m: FeelContext, run: Run): FeelValue {
  const entries = Object.entries(m);
  run.spend(entries.length);
  return entries.map(([key, value]) =>
    newContext([
      ['key', key],
      ['value', value],
    ]),
  );
}

/** A copy with one entry changed; contexts on the way to it are made where they are missing. */
function put(m: FeelContext, keys: readonly FeelValue[], value: FeelValue, run: Run): FeelValue {
  const [key, ...others] = keys;
  if (typeof key !== 'string') return run.warn('context put takes keys that are texts');
  const entries = Object.entries(m);
  run.spend(entries.length + 1);
  const copy = newContext(entries);
  if (others.length === 0) copy[key] = value;
  else {
    const inner = entryOf(m, key) ?? newContext();
    if (isList(inner) || !isContext(inner)) return run.warn(`context put: the entry '${key}' is no context`);
    const changed = run.deeper(() => put(inner, others, value, run));
    if (changed === null) return null;
    copy[key] = changed;
  }
  return copy;
}
