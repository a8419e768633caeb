/** Puts marks onto a drawn model: classes on shapes, badges with counts over them. Touches only what changed. */
import type Canvas from 'diagram-js/lib/core/Canvas';
import type ElementRegistry from 'diagram-js/lib/core/ElementRegistry';
import type Overlays from 'diagram-js/lib/features/overlays/Overlays';
import type { Mark } from './marks.ts';

export function drawMarks(
  {
    canvas,
    registry,
    overlays,
  }: { readonly canvas: Canvas; readonly registry: ElementRegistry; readonly overlays: Overlays },
  before: readonly Mark[],
  after: readonly Mark[],
): void {
  const was = new Map(before.map((mark) => [mark.elementId, mark]));
  const is = new Map(after.map((mark) => [mark.elementId, mark]));
  for (const elementId of new Set([...was.keys(), ...is.keys()])) {
    const shape = registry.get(elementId);
    if (!shape?.['parent']) continue;
    const mark = is.get(elementId);
    const classes = classesOf(mark);
    for (const name of classesOf(was.get(elementId))) if (!classes.includes(name)) canvas.removeMarker(elementId, name);
    for (const name of classes) if (!canvas.hasMarker(elementId, name)) canvas.addMarker(elementId, name);
    if (sameBadges(was.get(elementId), mark)) continue;
    overlays.remove({ element: elementId, type: 'mark' });
    if (!mark) continue;
    if (mark.active > mark.incidents)
      overlays.add(elementId, 'mark', {
        position: { top: -10, right: 10 },
        scale: { min: 0.65, max: 1.1 },
        html: badge('token', elementId, String(mark.active - mark.incidents), `${mark.active} standing here`),
      });
    if (mark.incidents > 0)
      overlays.add(elementId, 'mark', {
        position: { top: -10, left: 10 },
        scale: { min: 0.65, max: 1.1 },
        html: badge(
          'incident',
          elementId,
          mark.incidents > 1 ? `! ${mark.incidents}` : '!',
          mark.message ?? 'Incident',
        ),
      });
  }
}

function classesOf(mark: Mark | undefined): readonly string[] {
  if (!mark) return [];
  if (mark.incidents > 0) return ['mark-incident'];
  if (mark.active > 0) return ['mark-active'];
  if (mark.around) return ['mark-around'];
  return mark.done ? ['mark-done'] : [];
}

function sameBadges(one: Mark | undefined, other: Mark | undefined): boolean {
  return (
    (one?.active ?? 0) === (other?.active ?? 0) &&
    (one?.incidents ?? 0) === (other?.incidents ?? 0) &&
    one?.message === other?.message
  );
}

function badge(kind: 'token' | 'incident', elementId: string, text: string, title: string): HTMLElement {
  const element = document.createElement('span');
  element.className = `badge badge-${kind}`;
  element.dataset['testid'] = `${kind}-${elementId}`;
  element.title = title;
  element.textContent = text;
  return element;
}
