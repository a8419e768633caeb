/** The one gate: every route and every system call asks it, and nothing else decides. */
import type { Gate } from './kernel-port.ts';
import { decide, type Rules } from './policy/decide.ts';

export function createGate(rules: Rules): Gate {
  return { decide: (question) => decide(question, rules) };
}
