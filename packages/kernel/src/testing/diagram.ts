/** Whether a person can read the picture of a model: what overlaps, what runs through something else, what does not fit. Units: pixels of the diagram. */
import {
  attributeOf,
  type BpmnDocument,
  type DocumentElement,
  elementById,
  elementsIn,
  readDocument,
} from '@procos/bpmn';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
interface Point {
  readonly x: number;
  readonly y: number;
}
interface Shape {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly box: Box;
  readonly label: Box | undefined;
  /** The one it sits on the border of. */
  readonly host: string | undefined;
  /** Expanded sub-processes around it. */
  readonly around: readonly string[];
}
interface Edge {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly points: readonly Point[];
  readonly label: Box | undefined;
}

const TOLERANCE = 1;
/** Between two things that do not touch. */
const GAP = 4;
/** Average width of a letter and height of a line, as bpmn.io's modeler writes them: inside of activities, and beside shapes. */
const INSIDE = { letter: 6.3, line: 14.4, margin: 5 };
const BESIDE = { letter: 5.8, line: 13.2, margin: 0 };

/** What is wrong, each in one sentence; none: it can be read. */
export function diagramFaults(xml: string): string[] {
  const { document, problems } = readDocument(xml);
  if (document === undefined) return problems.map(({ message }) => message);
  const { shapes, edges } = read(document);
  const byId = new Map(shapes.map((shape) => [shape.id, shape]));
  const labels = [...shapes, ...edges].flatMap(({ id, name, label }) =>
    name === '' || label === undefined ? [] : [{ id, place: label, box: written(name, label) }],
  );
  const faults: string[] = [];
  for (const shape of shapes) faults.push(...faultsOfName(shape));
  for (const edge of edges) {
    if (edge.name !== '' && edge.label === undefined) faults.push(`${edge.id} has a name but no place for it`);
    faults.push(...faultsOfEdge(edge, byId));
  }
  pairs(shapes, (one, other) => {
    if (!mayTouch(one, other) && overlap(one.box, other.box, GAP)) faults.push(`${one.id} and ${other.id} overlap`);
  });
  for (const label of labels) {
    if (label.box.width > label.place.width) faults.push(`the name of ${label.id} is broken within a word`);
    for (const shape of shapes) {
      const contains =
        (shape.id === label.id && isActivity(shape)) ||
        byId.get(label.id)?.around.includes(shape.id) ||
        holds(shape.box, label.box);
      if (!contains && overlap(label.box, core(shape))) faults.push(`the name of ${label.id} lies over ${shape.id}`);
    }
    for (const { id, points } of edges)
      if (segments(points).some((segment) => crosses(segment, label.box)))
        faults.push(`${id} runs through the name of ${label.id}`);
  }
  pairs(labels, (one, other) => {
    if (overlap(one.box, other.box)) faults.push(`the names of ${one.id} and ${other.id} overlap`);
  });
  pairs(edges, (one, other) => {
    if (run(one, other)) faults.push(`${one.id} and ${other.id} run on top of each other`);
  });
  return faults;
}

function read(document: BpmnDocument): { readonly shapes: Shape[]; readonly edges: Edge[] } {
  const shapes: Shape[] = [];
  const edges: Edge[] = [];
  const parents = new Map<string, string>();
  for (const scope of elementsIn(document.root))
    for (const child of scope.children)
      if (child.kind === 'element') parents.set(attributeOf(child, 'id') ?? '', attributeOf(scope, 'id') ?? '');
  for (const di of elementsIn(document.root)) {
    const id = attributeOf(di, 'bpmnElement');
    const element = id === undefined ? undefined : elementById(document, id);
    if (id === undefined || element === undefined) continue;
    const name = attributeOf(element, 'name') ?? '';
    const label = child(di, 'BPMNLabel');
    const about = { id, name, label: label && boxOf(label) };
    if (di.localName === 'BPMNShape') {
      const around: string[] = [];
      for (let at = parents.get(id); at !== undefined && at !== ''; at = parents.get(at)) around.push(at);
      const host = attributeOf(element, 'attachedToRef');
      shapes.push({ ...about, type: element.localName, box: boxOf(di) ?? NOWHERE, host, around });
    } else if (di.localName === 'BPMNEdge') {
      const points = di.children.flatMap((node) =>
        node.kind === 'element' && node.localName === 'waypoint' ? [pointOf(node)] : [],
      );
      const [source, target] = ['sourceRef', 'targetRef'].map((name) => attributeOf(element, name) ?? '');
      edges.push({ ...about, source: source ?? '', target: target ?? '', points });
    }
  }
  return { shapes, edges };
}

const NOWHERE: Box = { x: 0, y: 0, width: 0, height: 0 };

function child(element: DocumentElement, name: string): DocumentElement | undefined {
  return element.children.find((node): node is DocumentElement => node.kind === 'element' && node.localName === name);
}

function boxOf(di: DocumentElement): Box | undefined {
  const bounds = child(di, 'Bounds');
  if (bounds === undefined) return undefined;
  const [x = 0, y = 0, width = 0, height = 0] = ['x', 'y', 'width', 'height'].map((name) =>
    Number(attributeOf(bounds, name)),
  );
  return { x, y, width, height };
}

function pointOf(waypoint: DocumentElement): Point {
  return { x: Number(attributeOf(waypoint, 'x')), y: Number(attributeOf(waypoint, 'y')) };
}

/** Names stand inside of activities, and beside everything else. */
function isActivity({ type }: Shape): boolean {
  return /Task$|^task$|^callActivity$|^subProcess$|^transaction$|^adHocSubProcess$/.test(type);
}

function faultsOfName(shape: Shape): string[] {
  const { id, type, name, box, label } = shape;
  if (name === '' || type === 'textAnnotation') return [];
  if (!isActivity(shape)) return label === undefined ? [`${id} has a name but no place for it`] : [];
  const lines = wrap(name, box.width - 2 * INSIDE.margin, INSIDE.letter);
  const fits = lines.length * INSIDE.line <= box.height - 2 * INSIDE.margin;
  const wide = lines.some((line) => line.length * INSIDE.letter > box.width - 2 * INSIDE.margin);
  return fits && !wide ? [] : [`the name of ${id} does not fit into it`];
}

function wrap(text: string, width: number, letter: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${word}`.length * letter <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The part of a label's bounds that the text takes: in the middle, from the top. */
function written(name: string, label: Box): Box {
  const lines = wrap(name, label.width, BESIDE.letter);
  const width = Math.max(...lines.map((line) => line.length)) * BESIDE.letter;
  return { x: label.x + (label.width - width) / 2, y: label.y, width, height: lines.length * BESIDE.line };
}

function faultsOfEdge({ id, source, target, points }: Edge, shapes: ReadonlyMap<string, Shape>): string[] {
  const faults: string[] = [];
  const [first, last] = [points[0], points.at(-1)];
  for (const [name, end] of [
    [source, first],
    [target, last],
  ] as const) {
    const shape = shapes.get(name);
    if (shape === undefined || end === undefined) faults.push(`${id} has no end at ${name}`);
    else if (!isOnBorder(end, shape)) faults.push(`${id} does not end at the border of ${name}`);
  }
  const along = segments(points);
  for (const shape of shapes.values()) {
    const own = shape.id === source || shape.id === target;
    const contains = [source, target].some((name) => shapes.get(name)?.around.includes(shape.id) === true);
    // At its own ends it touches the border, and no more.
    const box = own ? shrink(shape.box, 2 * TOLERANCE) : shape.box;
    if (!contains && along.some((segment) => crosses(segment, box))) faults.push(`${id} runs through ${shape.id}`);
  }
  return faults;
}

function isOnBorder({ x, y }: Point, { type, box }: Shape): boolean {
  const [dx, dy] = [Math.abs(x - box.x - box.width / 2), Math.abs(y - box.y - box.height / 2)];
  if (/Event$/.test(type)) return Math.abs(Math.hypot(dx, dy) - box.width / 2) <= TOLERANCE;
  if (/Gateway$/.test(type)) return Math.abs(dx / box.width + dy / box.height - 0.5) * box.width <= TOLERANCE;
  const [right, below] = [dx - box.width / 2, dy - box.height / 2];
  return Math.abs(Math.max(right, below)) <= TOLERANCE;
}

function mayTouch(one: Shape, other: Shape): boolean {
  return (
    one.host === other.id || other.host === one.id || one.around.includes(other.id) || other.around.includes(one.id)
  );
}

/** Without the corners of the box that a circle or a diamond leaves free. */
function core({ type, box }: Shape): Box {
  if (/Gateway$/.test(type)) return shrink(box, box.width / 4);
  return /Event$/.test(type) ? shrink(box, box.width / 7) : box;
}

function shrink({ x, y, width, height }: Box, by: number): Box {
  return { x: x + by, y: y + by, width: width - 2 * by, height: height - 2 * by };
}

function holds(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

function overlap(one: Box, other: Box, gap = 0): boolean {
  return (
    one.x < other.x + other.width + gap &&
    other.x < one.x + one.width + gap &&
    one.y < other.y + other.height + gap &&
    other.y < one.y + one.height + gap
  );
}

type Segment = readonly [Point, Point];

function segments(points: readonly Point[]): Segment[] {
  return points.slice(1).map((point, index) => [points[index] ?? point, point]);
}

/** Whether a part of the segment lies inside of the box (Liang and Barsky, 1984). */
function crosses([from, to]: Segment, box: Box): boolean {
  let [enter, leave] = [0, 1];
  for (const [delta, near, far] of [
    [to.x - from.x, box.x - from.x, box.x + box.width - from.x],
    [to.y - from.y, box.y - from.y, box.y + box.height - from.y],
  ] as const) {
    if (delta === 0) {
      if (near >= 0 || far <= 0) return false;
      continue;
    }
    const [one, other] = [near / delta, far / delta];
    enter = Math.max(enter, Math.min(one, other));
    leave = Math.min(leave, Math.max(one, other));
  }
  return enter < leave;
}

/** Whether two edges share a stretch without coming from, or going to, the same shape there. */
function run(one: Edge, other: Edge): boolean {
  if (one.target === other.target || one.source === other.source) return false;
  return segments(one.points).some((a) => segments(other.points).some((b) => shared(a, b) > GAP));
}

/** Length that two segments along an axis have in common. */
function shared([a, b]: Segment, [c, d]: Segment): number {
  for (const [along, across] of [
    ['x', 'y'],
    ['y', 'x'],
  ] as const) {
    const same = [b, c, d].every((point) => Math.abs(point[across] - a[across]) < TOLERANCE);
    if (!same) continue;
    const from = Math.max(Math.min(a[along], b[along]), Math.min(c[along], d[along]));
    return Math.min(Math.max(a[along], b[along]), Math.max(c[along], d[along])) - from;
  }
  return 0;
}

function pairs<T>(all: readonly T[], visit: (one: T, other: T) => void): void {
  all.forEach((one, index) => {
    for (const other of all.slice(index + 1)) visit(one, other);
  });
}
