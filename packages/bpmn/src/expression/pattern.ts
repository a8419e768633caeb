/** Regular expressions from models, refused where backtracking could take unreasonably long on the given text. */
import { ExpressionFailure } from './failure.ts';
import { boundedSize } from './limits.ts';

/** Upper bound of backtracking steps that an expression may risk. */
const MAX_STEPS = 1_000_000_000;
const MAX_PATTERN_LENGTH = 1_000;

/** An upper bound of the steps that the pattern may take on a text of this length. */
export function patternSteps(pattern: string, textLength: number): number {
  return Math.min(MAX_STEPS, worstSteps(pattern, textLength));
}

/** The compiled pattern; throws ExpressionFailure when it is invalid or too expensive for a text of this length. */
export function safePattern(pattern: string, flags: string, textLength: number): RegExp {
  const cost = worstSteps(pattern, textLength);
  if (pattern.length > MAX_PATTERN_LENGTH || cost > MAX_STEPS)
    throw new ExpressionFailure(
      `The pattern '${pattern.slice(0, 80)}' could take too long on ${textLength} characters: avoid repeated groups, backreferences and many repetitions`,
    );
  try {
    return new RegExp(pattern, flags);
  } catch {
    throw new ExpressionFailure(`'${pattern.slice(0, 80)}' is not a regular expression`);
  }
}

/** `text` with every match replaced; `$1`, `$&` and so on in the replacement stand for groups and the match. */
export function replaceMatches(text: string, pattern: RegExp, replacement: string): string {
  const references = replacement.split('$').length - 1;
  const matches = text.match(pattern)?.length ?? 0;
  boundedSize(text.length * (1 + references) + matches * replacement.length);
  return text.replace(pattern, replacement);
}

/**
 * Steps a backtracking matcher may need: each open-ended repetition multiplies them by the length of the text, each
 * choice by its number of ways. Repeated groups that repeat or choose inside, and backreferences, have no useful bound.
 */
function worstSteps(pattern: string, textLength: number): number {
  const plain = pattern.replace(/\\[pP]\{[^}]*\}|\\[^1-9k]/g, 'x').replace(/\[(?:[^\]])*\]/g, 'x');
  if (/\\[1-9k]/.test(plain)) return Number.POSITIVE_INFINITY;
  const n = Math.max(2, textLength);
  let steps = n;
  /** Per open group: whether something inside repeats or chooses. */
  const groups: boolean[] = [];
  let closed = false;
  for (let at = 0; at < plain.length; at++) {
    const rest = plain.slice(at);
    const repeat = /^(?:[*+]|\{\d+(?:,\d*)?\}|\?)\??/.exec(rest)?.[0];
    if (repeat !== undefined && !(repeat.startsWith('?') && plain.charAt(at - 1) === '(')) {
      if (closed && !repeat.startsWith('?')) return Number.POSITIVE_INFINITY;
      steps *= ways(repeat, n);
      if (!/^\{\d+\}/.test(repeat)) mark(groups);
      closed = false;
      at += repeat.length - 1;
      continue;
    }
    const char = plain.charAt(at);
    if (char === '(') groups.push(false);
    if (char === '|') {
      steps *= 2;
      mark(groups);
    }
    closed = char === ')' && groups.pop() === true;
    if (closed) mark(groups);
  }
  return steps;
}

function ways(repeat: string, n: number): number {
  if (repeat.startsWith('?')) return 2;
  const [, from = '', to] = /^\{(\d+)(?:,(\d*))?\}/.exec(repeat) ?? [];
  if (from === '') return n;
  if (to === undefined) return 1;
  return to === '' ? n : Math.max(1, Math.min(n, Number(to) - Number(from) + 1));
}

function mark(groups: boolean[]): void {
  if (groups.length > 0) groups[groups.length - 1] = true;
}
