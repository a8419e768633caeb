/** Where an instance stands, in words. */
import type { WaitPoint } from '@procos/protocol';

/** `waits at Approve invoice, Timer`; an incident is named. */
export function waitText(points: readonly WaitPoint[]): string {
  return points.length === 0 ? 'is at work' : `waits at ${pointsText(points)}`;
}

/** Comma separated; the same place several times is counted: `Run the request (2), Wait for work`. */
export function pointsText(points: readonly WaitPoint[]): string {
  const counts = new Map<string, number>();
  for (const point of points) counts.set(pointText(point), (counts.get(pointText(point)) ?? 0) + 1);
  return [...counts].map(([text, times]) => (times === 1 ? text : `${text} (${times})`)).join(', ');
}

function pointText(point: WaitPoint): string {
  const name = point.elementName ?? point.elementId;
  return point.incident === null ? name : `${name} [incident]`;
}
