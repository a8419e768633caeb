/** Where an instance stands: the elements it waits at, incidents in red; more than two are counted. */
import type { WaitPoint } from '@procos/protocol';
import { formatType } from './format.ts';

export function Where({ points, all = false }: { readonly points: readonly WaitPoint[]; readonly all?: boolean }) {
  if (points.length === 0) return <span className="dim">–</span>;
  const merged = mergeWaits(points);
  const shown = all ? merged : merged.slice(0, 2);
  return (
    <span className="where">
      {shown.map(({ point, count }) => (
        <span
          key={point.elementId}
          className={point.incident ? 'wait wait-incident' : 'wait'}
          title={point.incident ?? `${formatType(point.elementType)} ${point.elementId}`}
          data-testid={`wait-${point.elementId}`}
        >
          {point.elementName ?? point.elementId}
          {count > 1 && <span className="wait-count"> ×{count}</span>}
        </span>
      ))}
      {merged.length > shown.length && <span className="dim">+{merged.length - shown.length}</span>}
    </span>
  );
}

/** One entry per element; an incident there is what is shown. */
function mergeWaits(points: readonly WaitPoint[]): readonly { readonly point: WaitPoint; readonly count: number }[] {
  const byElement = new Map<string, { point: WaitPoint; count: number }>();
  for (const point of points) {
    const entry = byElement.get(point.elementId);
    if (!entry) byElement.set(point.elementId, { point, count: 1 });
    else {
      entry.count += 1;
      if (point.incident) entry.point = point;
    }
  }
  return [...byElement.values()];
}
