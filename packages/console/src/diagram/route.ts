/** The way of a token through a drawn model: flows from one element to another, and points along them. Pure. */

export interface Point {
  readonly x: number;
  readonly y: number;
}
/** A drawn element as far as a route needs it. */
export interface Node {
  readonly id: string;
  readonly outgoing: readonly { readonly target: Node | undefined; readonly waypoints: readonly Point[] }[];
  /** Boundary events. */
  readonly attachers: readonly Node[];
}

const farthest = 12;

/** Waypoints of the shortest way from any of `starts` to `goal`; null when there is none within twelve flows. */
export function routeBetween(starts: readonly Node[], goal: string): readonly Point[] | null {
  const seen = new Set(starts.map((node) => node.id));
  let edge = starts.map((node) => ({ node, way: [] as readonly Point[] }));
  for (let step = 0; step < farthest && edge.length > 0; step += 1) {
    const next: typeof edge = [];
    for (const { node, way } of edge) {
      for (const { target, waypoints } of [node, ...node.attachers].flatMap((each) => each.outgoing)) {
        if (!target) continue;
        const longer = [...way, ...waypoints];
        if (target.id === goal) return longer;
        if (seen.has(target.id)) continue;
        seen.add(target.id);
        next.push({ node: target, way: longer });
      }
    }
    edge = next;
  }
  return null;
}

/** The point at `share` (0 to 1) of the length of a polyline of at least one point. */
export function pointAlong(line: readonly Point[], share: number): Point {
  let left = lengthOf(line) * share;
  for (let index = 1; index < line.length; index += 1) {
    const from = line[index - 1]!;
    const to = line[index]!;
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    if (left <= length && length > 0) {
      return { x: from.x + ((to.x - from.x) * left) / length, y: from.y + ((to.y - from.y) * left) / length };
    }
    left -= length;
  }
  return line[line.length - 1]!;
}

export function lengthOf(line: readonly Point[]): number {
  return line.reduce((sum, { x, y }, index) => {
    const before = line[index - 1];
    return before ? sum + Math.hypot(x - before.x, y - before.y) : 0;
  }, 0);
}
