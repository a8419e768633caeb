/** How points and ranges lie to one another (DMN 1.5, 10.3.4.10, table 78). A point counts as the range that holds it alone. */
import { order } from '../compare.ts';
import { type FeelFunction, FeelRange, type FeelValue } from '../values.ts';
import { define, point, range, signature } from './define.ts';

/** The ends of two ranges are compared once; a relation is a formula over the results. */
interface Ends {
  readonly a: FeelRange;
  readonly b: FeelRange;
  readonly startToStart: number;
  readonly startToEnd: number;
  readonly endToStart: number;
  readonly endToEnd: number;
}

type Relation = (ends: Ends) => boolean;

const before: Relation = ({ a, b, endToStart }) =>
  endToStart < 0 || (endToStart === 0 && !(a.highIncluded && b.lowIncluded));

const meets: Relation = ({ a, b, endToStart }) => endToStart === 0 && a.highIncluded && b.lowIncluded;

const reachesInto: Relation = ({ a, b, endToStart }) =>
  endToStart > 0 || (endToStart === 0 && a.highIncluded && b.lowIncluded);

const overlaps: Relation = (ends) => {
  const { a, b, startToEnd } = ends;
  return reachesInto(ends) && (startToEnd < 0 || (startToEnd === 0 && a.lowIncluded && b.highIncluded));
};

const endsWithin: Relation = ({ a, b, endToEnd }) =>
  endToEnd < 0 || (endToEnd === 0 && (!a.highIncluded || b.highIncluded));

const startsWithin: Relation = ({ a, b, startToStart }) =>
  startToStart > 0 || (startToStart === 0 && (!a.lowIncluded || b.lowIncluded));

const overlapsBefore: Relation = (ends) => {
  const { a, b, startToStart } = ends;
  const isEarlier = startToStart < 0 || (startToStart === 0 && a.lowIncluded && !b.lowIncluded);
  return isEarlier && reachesInto(ends) && endsWithin(ends);
};

const finishes: Relation = (ends) => {
  const { a, b, endToEnd } = ends;
  return endToEnd === 0 && a.highIncluded === b.highIncluded && startsWithin(ends);
};

const during: Relation = (ends) => startsWithin(ends) && endsWithin(ends);

const starts: Relation = (ends) => {
  const { a, b, startToStart } = ends;
  return startToStart === 0 && a.lowIncluded === b.lowIncluded && endsWithin(ends);
};

const coincides: Relation = ({ a, b, startToStart, endToEnd }) =>
  startToStart === 0 && endToEnd === 0 && a.lowIncluded === b.lowIncluded && a.highIncluded === b.highIncluded;

export const RANGE_FUNCTIONS: readonly FeelFunction[] = [
  relation('before', before, 'any'),
  relation('after', turned(before), 'any'),
  relation('meets', meets, 'ranges'),
  relation('met by', turned(meets), 'ranges'),
  relation('overlaps', overlaps, 'ranges'),
  relation('overlaps before', overlapsBefore, 'ranges'),
  relation('overlaps after', turned(overlapsBefore), 'ranges'),
  relation('finishes', finishes, 'point first'),
  relation('finished by', turned(finishes), 'point second'),
  relation('includes', turned(during), 'point second'),
  relation('during', during, 'point first'),
  relation('starts', starts, 'point first'),
  relation('started by', turned(starts), 'point second'),
  relation('coincides', coincides, 'any'),
];

function turned(of: Relation): Relation {
  return ({ a, b, startToStart, startToEnd, endToStart, endToEnd }) =>
    of({
      a: b,
      b: a,
      startToStart: -startToStart,
      startToEnd: -endToStart,
      endToStart: -startToEnd,
      endToEnd: -endToEnd,
    });
}

/** Which of the two may be points. */
function relation(
  name: string,
  holds: Relation,
  points: 'any' | 'ranges' | 'point first' | 'point second',
): FeelFunction {
  const decide = (a: FeelRange, b: FeelRange): FeelValue | undefined => {
    const ends = endsOf(a, b);
    return ends === undefined ? undefined : holds(ends);
  };
  const wrong = `${name}: the two have no order`;
  const alone = (value: FeelValue) => new FeelRange(value, true, value, true);
  const ofRanges = signature([range('range1'), range('range2')], ([a, b], run) => decide(a, b) ?? run.warn(wrong));
  const first = signature([point('point'), range('range')], ([a, b], run) => decide(alone(a), b) ?? run.warn(wrong));
  const second = signature([range('range'), point('point')], ([a, b], run) => decide(a, alone(b)) ?? run.warn(wrong));
  const ofPoints = signature(
    [point('point1'), point('point2')],
    ([a, b], run) => decide(alone(a), alone(b)) ?? run.warn(wrong),
  );
  switch (points) {
    case 'any':
      return define(name, ofRanges, first, second, ofPoints);
    case 'ranges':
      return define(name, ofRanges);
    case 'point first':
      return define(name, ofRanges, first);
    case 'point second':
      return define(name, ofRanges, second);
  }
}

/** Undefined where values of the two cannot be compared. An end that is absent lies beyond all others. */
function endsOf(a: FeelRange, b: FeelRange): Ends | undefined {
  const startToStart = compareEnds(a.low, -1, b.low, -1);
  const startToEnd = compareEnds(a.low, -1, b.high, 1);
  const endToStart = compareEnds(a.high, 1, b.low, -1);
  const endToEnd = compareEnds(a.high, 1, b.high, 1);
  if (startToStart === undefined || startToEnd === undefined || endToStart === undefined || endToEnd === undefined)
    return undefined;
  return { a, b, startToStart, startToEnd, endToStart, endToEnd };
}

function compareEnds(
  one: FeelValue | undefined,
  beyond: number,
  other: FeelValue | undefined,
  otherBeyond: number,
): number | undefined {
  if (one === undefined) return other === undefined ? beyond - otherBeyond : beyond;
  return other === undefined ? -otherBeyond : (order(one, other) ?? undefined);
}
