/** Functions on lists (DMN 1.5, 10.3.4.4). Positions count from 1, or from the end when they are negative. */
import { boundedSize } from '../../limits.ts';
import { equals, ternary } from '../compare.ts';
import type { Run } from '../run.ts';
import { type FeelFunction, type FeelList, type FeelValue, isList } from '../values.ts';
import { any, callback, define, list, optional, rest, signature, whole } from './define.ts';

export const LIST_FUNCTIONS: readonly FeelFunction[] = [
  define(
    'list contains',
    signature([list('list'), any('element')], ([items, element], run) => {
      run.spend(items.length);
      return items.some((item) => equals(item, element, run) === true);
    }),
  ),
  define(
    'count',
    signature([list('list')], ([items]) => items.length),
  ),
  logical('all', true),
  logical('any', false),
  define(
    'sublist',
    signature([list('list'), whole('start position'), optional(whole('length'))], ([items, start, length], run) => {
      const at = placeOf(items, start);
      if (at === undefined) return run.warn(noPosition('sublist', items, start));
      if (length !== undefined && (length < 1 || at + length > items.length))
        return run.warn(`sublist: there are no ${length} elements from position ${start}`);
      run.spend(items.length);
      return items.slice(at, length === undefined ? undefined : at + length);
    }),
  ),
  define(
    'append',
    signature([list('list'), rest(any('item'))], ([items, added], run) => joined([items, added], run)),
  ),
  define(
    'concatenate',
    signature([rest(list('list'))], ([lists], run) => joined(lists, run)),
  ),
  define(
    'union',
    signature([rest(list('list'))], ([lists], run) => distinct(joined(lists, run), run)),
  ),
  define(
    'distinct values',
    signature([list('list')], ([items], run) => distinct(items, run)),
  ),
  define(
    'duplicate values',
    signature([list('list')], ([items], run) =>
      distinct(items, run).filter((one) => {
        run.spend(items.length);
        return items.filter((item) => equals(one, item, run) === true).length > 1;
      }),
    ),
  ),
  define(
    'insert before',
    signature([list('list'), whole('position'), any('newItem')], ([items, position, added], run) => {
      const at = placeOf(items, position);
      if (at === undefined) return run.warn(noPosition('insert before', items, position));
      run.spend(items.length);
      return items.toSpliced(at, 0, added);
    }),
  ),
  define(
    'remove',
    signature([list('list'), whole('position')], ([items, position], run) => {
      const at = placeOf(items, position);
      if (at === undefined) return run.warn(noPosition('remove', items, position));
      run.spend(items.length);
      return items.toSpliced(at, 1);
    }),
  ),
  define(
    'list replace',
    signature([list('list'), whole('position'), any('newItem')], ([items, position, added], run) => {
      const at = placeOf(items, position);
      if (at === undefined) return run.warn(noPosition('list replace', items, position));
      run.spend(items.length);
      return items.with(at, added);
    }),
    signature([list('list'), callback('match'), any('newItem')], ([items, match, added], run) => {
      const replaced: FeelValue[] = [];
      for (const item of items) {
        const holds = called(match, [item, added], run);
        if (typeof holds !== 'boolean') return run.warn('list replace: the function has to give true or false');
        replaced.push(holds ? added : item);
      }
      return replaced;
    }),
  ),
  define(
    'reverse',
    signature([list('list')], ([items], run) => {
      run.spend(items.length);
      return items.toReversed();
    }),
  ),
  define(
    'index of',
    signature([list('list'), any('match')], ([items, match], run) => {
      run.spend(items.length);
      return items.flatMap((item, index) => (equals(item, match, run) === true ? [index + 1] : []));
    }),
  ),
  define(
    'flatten',
    signature([list('list')], ([items], run) => flat(items, run)),
  ),
  define(
    'sort',
    signature([list('list'), callback('precedes')], ([items, precedes], run) => sorted(items, precedes, run)),
  ),
  define(
    'partition',
    signature([list('list'), whole('size')], ([items, size], run) => {
      if (size < 1) return run.warn('partition: the size has to be at least 1');
      run.spend(items.length);
      const parts: FeelValue[] = [];
      for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
      return parts;
    }),
  ),
  // Camunda's addition.
  define(
    'is empty',
    signature([list('list')], ([items]) => items.length === 0),
  ),
];

/** `all` and `any`: over the elements of a list, or over the arguments. */
function logical(name: string, isAll: boolean): FeelFunction {
  const over = (items: FeelList, run: Run): FeelValue => {
    run.spend(items.length);
    if (items.some((item) => ternary(item) === !isAll)) return !isAll;
    const wrong = items.find((item) => typeof item !== 'boolean');
    return wrong === undefined ? isAll : run.warn(`${name} takes true and false only`);
  };
  return define(
    name,
    signature([list('list')], ([items], run) => over(items, run)),
    signature([rest(any('b'))], ([items], run) => over(items, run)),
  );
}

function placeOf(items: FeelList, position: number): number | undefined {
  if (position === 0 || Math.abs(position) > items.length) return undefined;
  return position > 0 ? position - 1 : items.length + position;
}

function noPosition(name: string, items: FeelList, position: number): string {
  return `${name}: there is no position ${position} in a list of ${items.length}`;
}

function joined(lists: readonly FeelList[], run: Run): FeelValue[] {
  const size = lists.reduce((sum, items) => sum + items.length, 0);
  run.spend(size);
  boundedSize(size);
  return lists.flat(1) as FeelValue[];
}

/** In the order of their first appearance. */
function distinct(items: FeelList, run: Run): FeelValue[] {
  const found: FeelValue[] = [];
  const simple = new Set<FeelValue>();
  const others: FeelValue[] = [];
  for (const item of items) {
    run.spend(1);
    // Numbers that JS can hold are never decimals here, so that these are equal exactly when JS says so.
    if (item === null || typeof item !== 'object') {
      if (simple.has(item)) continue;
      simple.add(item);
    } else {
      run.spend(others.length);
      if (others.some((one) => equals(one, item, run) === true)) continue;
      others.push(item);
    }
    found.push(item);
  }
  return found;
}

function flat(items: FeelList, run: Run): FeelValue[] {
  const found: FeelValue[] = [];
  const collect = (inner: FeelList): void => {
    run.spend(inner.length);
    for (const item of inner) {
      if (isList(item)) run.deeper(() => collect(item));
      else found.push(item);
    }
  };
  collect(items);
  return found;
}

function sorted(items: FeelList, precedes: FeelFunction, run: Run): FeelValue {
  const comesFirst = (a: FeelValue, b: FeelValue) => called(precedes, [a, b], run) === true;
  return items.toSorted((a, b) => (comesFirst(a, b) ? -1 : comesFirst(b, a) ? 1 : 0));
}

/** A function that takes other arguments gives null. */
export function called(callee: FeelFunction, args: FeelList, run: Run): FeelValue {
  run.spend(1);
  const arranged = callee.arrange(args, undefined);
  if (arranged === undefined) return run.warn(`a function that takes ${args.length} arguments is needed`);
  return run.deeper(() => callee.invoke(arranged, run));
}
