/** Lets a token be seen to travel along the flows from where it was to where it is. */
import type Canvas from 'diagram-js/lib/core/Canvas';
import type ElementRegistry from 'diagram-js/lib/core/ElementRegistry';
import { type Mark, movesBetween } from './marks.ts';
import { lengthOf, type Node, type Point, pointAlong, routeBetween } from './route.ts';

const svg = 'http://www.w3.org/2000/svg';

export function animateMoves(
  { canvas, registry }: { readonly canvas: Canvas; readonly registry: ElementRegistry },
  before: readonly Mark[],
  after: readonly Mark[],
): void {
  if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  for (const { to, from } of movesBetween(before, after)) {
    const starts = from.flatMap((id) => (registry.get(id) as unknown as Node | undefined) ?? []);
    const line = routeBetween(starts, to);
    if (line && line.length > 1) travel(canvas.getLayer('tokens', 5), line);
  }
}

function travel(layer: SVGElement, line: readonly Point[]): void {
  const dot = document.createElementNS(svg, 'circle');
  dot.setAttribute('r', '7');
  dot.setAttribute('class', 'moving-token');
  layer.append(dot);
  const durationMs = Math.min(1000, 300 + lengthOf(line) * 1.2);
  const began = performance.now();
  const step = (at: number): void => {
    const share = Math.min(1, Math.max(0, (at - began) / durationMs));
    const { x, y } = pointAlong(line, share * share * (3 - 2 * share));
    dot.setAttribute('cx', String(x));
    dot.setAttribute('cy', String(y));
    if (share < 1) requestAnimationFrame(step);
    else dot.remove();
  };
  step(began);
}
