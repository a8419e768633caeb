/** bpmn-js in React: draws the XML once, then only moves tokens, incidents and the trail. Loaded lazily. */
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './diagram.css';
import { ActionIcon } from '@mantine/core';
import { IconFocusCentered, IconMinus, IconPlus } from '@tabler/icons-react';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import type Canvas from 'diagram-js/lib/core/Canvas';
import type ElementRegistry from 'diagram-js/lib/core/ElementRegistry';
import type Overlays from 'diagram-js/lib/features/overlays/Overlays';
import { useEffect, useRef, useState } from 'react';
import { Empty } from '../ui/answer.tsx';
import type { DiagramProps } from './diagram.tsx';
import { drawMarks } from './draw-marks.ts';
import type { Mark } from './marks.ts';
import { animateMoves } from './token-motion.ts';

type ViewerProps = Omit<DiagramProps, 'definitionId'> & { readonly xml: string };

interface Drawn {
  readonly canvas: Canvas;
  readonly registry: ElementRegistry;
  readonly overlays: Overlays;
}

/** Room kept around a fitted drawing, pixels: the badges stand out of the shapes. */
const margin = 28;
const none: readonly Mark[] = [];

export default function Viewer({ xml, marks, label, selected = null, onSelect }: ViewerProps) {
  const host = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const shown = useRef(none);
  const select = useRef(onSelect);
  select.current = onSelect;

  useEffect(() => {
    const container = host.current;
    if (!container) return;
    const viewer = new NavigatedViewer({
      container,
      bpmnRenderer: { defaultFillColor: 'var(--diagram-fill)', defaultStrokeColor: 'var(--diagram-stroke)' },
    });
    let gone = false;
    viewer.importXML(xml).then(
      () => {
        if (gone) return;
        const canvas = viewer.get<Canvas>('canvas');
        fit(canvas);
        setDrawn({ canvas, registry: viewer.get('elementRegistry'), overlays: viewer.get('overlays') });
      },
      (error: Error) => !gone && setProblem(error.message),
    );
    viewer.on<{ element: { id: string; parent?: unknown } }>('element.click', ({ element }) =>
      select.current?.(element.parent ? element.id.replace(/_label$/, '') : null),
    );
    return () => {
      gone = true;
      shown.current = none;
      setDrawn(null);
      viewer.destroy();
    };
  }, [xml]);

  useEffect(() => {
    if (!drawn) return;
    if (shown.current !== none) animateMoves(drawn, shown.current, marks);
    drawMarks(drawn, shown.current, marks);
    shown.current = marks;
  }, [drawn, marks]);

  useEffect(() => {
    if (!drawn || !selected || !drawn.registry.get(selected)) return;
    drawn.canvas.addMarker(selected, 'mark-selected');
    return () => drawn.canvas.removeMarker(selected, 'mark-selected');
  }, [drawn, selected]);

  useEffect(() => {
    if (!drawn || !host.current) return;
    const observer = new ResizeObserver(() => fit(drawn.canvas));
    observer.observe(host.current);
    return () => observer.disconnect();
  }, [drawn]);

  if (problem) {
    return (
      <Empty title="This model cannot be drawn">
        It runs all the same. To see it here, open it in a BPMN modeler and save it with its drawing ({problem}).
      </Empty>
    );
  }
  const zoom = (factor: number): void => {
    if (!drawn) return;
    const { scale, outer } = drawn.canvas.viewbox();
    drawn.canvas.zoom(scale * factor, { x: outer.width / 2, y: outer.height / 2 });
  };
  return (
    <figure className="diagram" aria-label={label} data-testid="diagram" data-drawn={drawn !== null}>
      <div ref={host} className="diagram-canvas" />
      <div className="diagram-tools">
        <ActionIcon.Group orientation="vertical">
          <ActionIcon variant="default" size="md" aria-label="Zoom in" onClick={() => zoom(1.25)}>
            <IconPlus size={14} />
          </ActionIcon>
          <ActionIcon variant="default" size="md" aria-label="Zoom out" onClick={() => zoom(0.8)}>
            <IconMinus size={14} />
          </ActionIcon>
          <ActionIcon variant="default" size="md" aria-label="Show all" onClick={() => drawn && fit(drawn.canvas)}>
            <IconFocusCentered size={14} />
          </ActionIcon>
        </ActionIcon.Group>
      </div>
    </figure>
  );
}

/** Centres the drawing, as large as fits but not larger than drawn. */
function fit(canvas: Canvas): void {
  canvas.resized();
  const { inner, outer } = canvas.viewbox();
  if (outer.width === 0 || inner.width === 0) return;
  const scale = Math.min(1, (outer.width - 2 * margin) / inner.width, (outer.height - 2 * margin) / inner.height);
  const width = outer.width / scale;
  const height = outer.height / scale;
  canvas.viewbox({
    x: inner.x - (width - inner.width) / 2,
    y: inner.y - (height - inner.height) / 2,
    width,
    height,
  });
}
