/** Drafts of what splits and joins, for the stories of flows and gateways. */
import type { Lab } from '../lab.ts';

/** `start`, then the gateway, which leads to the works `a`, `b` and `c` and from each to an end. */
export async function choosing(lab: Lab, tag: string, conditions: string, attributes = ''): Promise<void> {
  const { draft } = lab;
  const works = ['a', 'b', 'c'].map((id) => draft.work(id) + draft.end(`${id}End`)).join('');
  await lab.deploy(
    draft.start() +
      draft.element(tag, 'which', { attributes }) +
      works +
      draft.flows('start > which; a > aEnd; b > bEnd; c > cEnd') +
      conditions,
  );
}

/** What is open for each value of `x`. */
export function openFor(lab: Lab, ...values: readonly number[]): string[] {
  return values.map((x) => {
    lab.start({ x });
    const open = lab.open.join();
    for (const topic of lab.open) lab.work(topic);
    return open;
  });
}

export const above = (lab: Lab, target: string, x: number): string => lab.draft.when('which', target, `x > ${x}`);

/** Two branches `a` and `b` between the gateways `fork` and `join` of these kinds, `c` after them. */
export function branches(lab: Lab, fork: string, join: string, joinInner = ''): string {
  const { draft } = lab;
  return (
    draft.element(fork, 'fork') +
    draft.work('a') +
    draft.work('b') +
    draft.element(join, 'join', { inner: joinInner }) +
    draft.work('c') +
    draft.end()
  );
}
