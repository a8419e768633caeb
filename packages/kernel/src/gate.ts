/** The one gate: every route and every system call asks it, and nothing else decides. */
import type { Directory } from './identity/directory.ts';
import type { Gate } from './kernel-port.ts';
import { decide, type Rules } from './policy/decide.ts';

export function createGate(rules: Omit<Rules, 'resolve'>, directory: Directory): Gate {
  const all: Rules = { ...rules, resolve: (subject) => directory.resolve(subject) };
  return { decide: (question) => decide(question, all) };
}
