/** Makes a failing run small: drops acts, elements, attributes and extensions while it still fails in the same way. */
import { type Play, perform } from './play.ts';
import type { Tag } from './xml.ts';

export interface Shrunk {
  readonly play: Play;
  readonly error: unknown;
}

export async function shrink(play: Play, error: unknown): Promise<Shrunk> {
  let best: Shrunk = { play, error };
  const wanted = kindOf(error);
  const fails = async (candidate: Play): Promise<boolean> => {
    try {
      await perform(candidate);
      return false;
    } catch (found) {
      if (kindOf(found) !== wanted) return false;
      best = { play: candidate, error: found };
      return true;
    }
  };
  for (let smaller = true; smaller; ) {
    smaller = await fewerActs(() => best.play, fails);
    smaller = (await fewerElements(() => best.play, fails)) || smaller;
  }
  return best;
}

/** Messages name ids and numbers, which change as the model does. */
function kindOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n')[0] ?? '').replace(/[\w-]*\d+[\w-]*/g, '#').slice(0, 60);
}

type Fails = (candidate: Play) => Promise<boolean>;

/** Halves first, then single ones. */
async function fewerActs(play: () => Play, fails: Fails): Promise<boolean> {
  let smaller = false;
  for (let size = Math.ceil(play().acts.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let at = 0; at < play().acts.length; )
      if (await fails({ ...play(), acts: play().acts.toSpliced(at, size) })) smaller = true;
      else at += size;
  return smaller;
}

async function fewerElements(play: () => Play, fails: Fails): Promise<boolean> {
  let smaller = false;
  for (let at = 0; ; ) {
    const candidates = [...reductions(play().tree)];
    if (at >= candidates.length) return smaller;
    const tree = candidates[at]?.();
    if (tree !== undefined && (await fails({ ...play(), tree }))) smaller = true;
    else at += 1;
  }
}

/** Every way to make the tree a little smaller, the big steps first. */
function* reductions(tree: Tag): Generator<() => Tag> {
  const all = [...below(tree)].toSorted((one, other) => size(other) - size(one));
  for (const tag of all) {
    const { id } = tag.attributes;
    if (id !== undefined && tag.name !== 'bpmn:sequenceFlow') yield () => bypass(tree, id);
    yield () => without(tree, (one) => one === tag);
  }
  for (const tag of all)
    for (const name of Object.keys(tag.attributes))
      if (!KEPT.includes(name)) yield () => changed(tree, tag, { ...tag, attributes: omit(tag.attributes, name) });
}

const KEPT: readonly string[] = ['id', 'sourceRef', 'targetRef', 'attachedToRef', 'isExecutable', 'xsi:type'];

function* below(tag: Tag): Generator<Tag> {
  for (const child of tag.children)
    if (typeof child !== 'string') {
      yield child;
      yield* below(child);
    }
}

function size(tag: Tag): number {
  return 1 + [...below(tag)].length;
}

/** Without the element and all that hangs on it; what led to it leads to what followed it. */
function bypass(tree: Tag, id: string): Tag {
  const next = [...below(tree)].find(({ attributes }) => attributes['sourceRef'] === id)?.attributes['targetRef'];
  const gone = new Set([id]);
  const hangs = ({ attributes }: Tag) =>
    [attributes['id'], attributes['attachedToRef'], attributes['sourceRef']].some(
      (one) => one !== undefined && gone.has(one),
    );
  const led = map(tree, (tag) =>
    tag.name === 'bpmn:sequenceFlow' && tag.attributes['targetRef'] === id && next !== undefined
      ? { ...tag, attributes: { ...tag.attributes, targetRef: next } }
      : tag,
  );
  // Boundary events hang on it, their flows and associations on them.
  for (let known = 0; known < gone.size; ) {
    known = gone.size;
    for (const tag of below(led)) if (hangs(tag)) gone.add(tag.attributes['id'] ?? id);
  }
  const flows = new Set([...below(led)].flatMap((tag) => (hangs(tag) ? (tag.attributes['id'] ?? []) : [])));
  return map(
    without(led, (tag) => hangs(tag) || gone.has(tag.attributes['targetRef'] ?? '')),
    (tag) =>
      flows.has(tag.attributes['default'] ?? '') ? { ...tag, attributes: omit(tag.attributes, 'default') } : tag,
  );
}

function without(tree: Tag, drop: (tag: Tag) => boolean): Tag {
  const children = tree.children.flatMap((child) =>
    typeof child === 'string' ? child : drop(child) ? [] : without(child, drop),
  );
  return { ...tree, children };
}

function map(tree: Tag, change: (tag: Tag) => Tag): Tag {
  const { name, attributes, children } = change(tree);
  return {
    name,
    attributes,
    children: children.map((child) => (typeof child === 'string' ? child : map(child, change))),
  };
}

function changed(tree: Tag, from: Tag, to: Tag): Tag {
  return map(tree, (tag) => (tag === from ? to : tag));
}

function omit(attributes: Tag['attributes'], name: string): Tag['attributes'] {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => key !== name));
}
