/** The flow inside a scope, in blocks: what forks joins again, and what goes back waits on its way. */
import { activity } from './activities.ts';
import { type Piece, Scope } from './draft.ts';
import { end } from './ends.ts';
import { BESIDE, CATCHING, caught, type Kind, THROWN, thrown } from './events.ts';
import { equals, expression, flowCondition, formal, GOES_ON, takeListener } from './phrases.ts';
import { begin, join, merge } from './starts.ts';
import { tag } from './xml.ts';

/** Draws everything inside a scope. */
export function fill(scope: Scope, id: string): void {
  const { draft, around } = scope;
  if (around.kind === 'adHocSubProcess') {
    fillAdHoc(scope);
    return;
  }
  const body = sequence(scope, begin(scope, id));
  if (body.exit !== null) end(scope, body.exit);
  if (draft.odds(12)) cross(scope);
  const several = around.kind === 'eventSubProcess' || around.depth > 3 ? 0 : draft.chance.below(3);
  for (let count = several; count > 0 && draft.budget > 0; count -= 1) if (draft.odds(50)) eventSubProcess(scope);
}

/** Pieces one after the other, behind `from`. */
function sequence(scope: Scope, from: string): Piece {
  const { draft, around } = scope;
  const length = 1 + draft.chance.below(around.depth === 0 ? 5 : 3);
  let exit: string | null = from;
  for (let count = 0; count < length && exit !== null; count += 1) {
    const next: Piece = piece(scope);
    scope.connect(exit, next.entry, takeListener(draft));
    exit = next.exit;
  }
  return { entry: from, exit };
}

function piece(scope: Scope): Piece {
  const { draft } = scope;
  if (draft.budget <= 0) return task(scope);
  switch (draft.chance.below(16)) {
    case 0:
      return fork(scope, 'exclusiveGateway');
    case 1:
      return fork(scope, 'inclusiveGateway');
    case 2:
      return fork(scope, 'parallelGateway');
    case 3:
      return discriminator(scope);
    case 4:
      return choiceOfEvents(scope);
    case 5:
      return goingBack(scope);
    case 6:
      return catchEvent(scope);
    case 7:
    case 8:
      return throwEvent(scope);
    case 9:
      return jump(scope);
    case 10:
      return quantities(scope);
    case 11:
      return conditionalFlows(scope);
    default:
      return task(scope);
  }
}

/** An activity; the paths of its boundary events join behind it. */
function task(scope: Scope): Piece {
  const { id, beside } = activity(scope);
  return { entry: id, exit: beside.length === 0 ? id : merge(scope, [id, ...beside]) };
}

/** Branches that begin at a gateway and, mostly, come together at another one. */
function fork(scope: Scope, kind: 'exclusiveGateway' | 'inclusiveGateway' | 'parallelGateway'): Piece {
  const { draft } = scope;
  const gateway = scope.add(tag(`bpmn:${kind}`, { id: draft.id('fork') }));
  const exits: string[] = [];
  const count = 2 + draft.chance.below(2);
  const withDefault = kind !== 'parallelGateway' && draft.odds(85);
  for (let branch = 0; branch < count; branch += 1) {
    const isDefault = withDefault && branch === count - 1;
    const decides = kind !== 'parallelGateway' && !isDefault;
    const { entry, exit } = branch > 0 && draft.odds(15) ? passing(scope) : piece(scope);
    const flow = scope.connect(gateway, entry, takeListener(draft), decides ? flowCondition(draft) : undefined);
    if (isDefault) scope.amend(gateway, { default: flow });
    if (exit === null) continue;
    if (draft.odds(8)) end(scope, exit);
    else exits.push(exit);
  }
  const [only] = exits;
  if (only === undefined) return { entry: gateway, exit: null };
  // At times another kind joins what this kind has forked, which may wait for ever or go on twice.
  const other = draft.one(['exclusiveGateway', 'inclusiveGateway', 'inclusiveGateway', 'parallelGateway']);
  return { entry: gateway, exit: join(scope, draft.odds(92) ? kind : other, exits) };
}

/** A branch with nothing to do. */
function passing(scope: Scope): Piece {
  const id = scope.add(tag('bpmn:intermediateThrowEvent', { id: scope.draft.id('pass') }));
  return { entry: id, exit: id };
}

/** A complex gateway lets the first, or the second, of several branches pass. */
function discriminator(scope: Scope): Piece {
  const { draft } = scope;
  const gateway = scope.add(tag('bpmn:parallelGateway', { id: draft.id('fork') }));
  const exits: string[] = [];
  for (let count = 2 + draft.chance.below(2); count > 0; count -= 1) {
    const { entry, exit } = task(scope);
    scope.connect(gateway, entry);
    if (exit !== null) exits.push(exit);
  }
  const needed = expression(draft, `activationCount >= ${1 + draft.chance.below(2)}`);
  const activation = draft.odds(85) ? [formal('bpmn:activationCondition', needed)] : [];
  const complex = join(scope, 'complexGateway', exits, ...activation);
  if (draft.odds(70)) return { entry: gateway, exit: complex };
  const [one, other] = [task(scope), task(scope)];
  scope.connect(complex, one.entry, flowCondition(draft));
  scope.amend(complex, { default: scope.connect(complex, other.entry) });
  return { entry: gateway, exit: merge(scope, [one.exit ?? one.entry, other.exit ?? other.entry]) };
}

function choiceOfEvents(scope: Scope): Piece {
  const { draft } = scope;
  const gateway = scope.add(tag('bpmn:eventBasedGateway', { id: draft.id('choice') }));
  const exits: string[] = [];
  for (let count = 2 + draft.chance.below(2); count > 0; count -= 1) {
    const event = draft.odds(80) ? catchEvent(scope) : receive(scope);
    scope.connect(gateway, event.entry);
    exits.push(event.entry);
  }
  return { entry: gateway, exit: merge(scope, exits) };
}

function receive(scope: Scope): Piece {
  const messageRef = caught(scope, ['message']).definitions[0]?.attributes['messageRef'];
  const id = scope.add(tag('bpmn:receiveTask', { id: scope.draft.id('receive'), messageRef }));
  return { entry: id, exit: id };
}

/** Back to before while a variable says so; there is something to wait for on the way. */
function goingBack(scope: Scope): Piece {
  const { draft } = scope;
  const before = scope.add(tag('bpmn:exclusiveGateway', { id: draft.id('again') }));
  const inside = piece(scope);
  scope.connect(before, inside.entry);
  if (inside.exit === null) return { entry: before, exit: null };
  const decision = scope.add(tag('bpmn:exclusiveGateway', { id: draft.id('more') }));
  scope.connect(inside.exit, decision);
  const wait = draft.odds(80) ? activity(scope, { waits: true }).id : catchEvent(scope).entry;
  scope.connect(decision, wait, flowCondition(draft, equals(draft, GOES_ON, 'true')));
  scope.connect(wait, before);
  scope.wayBack.add(wait);
  const after = passing(scope);
  scope.amend(decision, { default: scope.connect(decision, after.entry) });
  return { entry: before, exit: after.exit };
}

function catchEvent(scope: Scope): Piece {
  const { draft } = scope;
  const event = caught(scope, CATCHING, { multiple: true });
  const parallelMultiple = event.definitions.length > 1 && draft.odds(40) ? 'true' : undefined;
  const id = scope.add(
    tag('bpmn:intermediateCatchEvent', { id: draft.id('catch'), parallelMultiple }, ...event.definitions),
  );
  return { entry: id, exit: id };
}

function throwEvent(scope: Scope): Piece {
  const { draft, around } = scope;
  const kinds: readonly Kind[] = around.quiet ? [] : THROWN;
  const content = kinds.length === 0 || draft.odds(10) ? [] : thrown(scope, kinds);
  const id = scope.add(tag('bpmn:intermediateThrowEvent', { id: draft.id('throw') }, ...content));
  return { entry: id, exit: id };
}

/** A link event: the flow goes on elsewhere. */
function jump(scope: Scope): Piece {
  const { draft } = scope;
  const name = draft.id('link');
  const link = () => tag('bpmn:linkEventDefinition', { name });
  const entry = scope.add(tag('bpmn:intermediateThrowEvent', { id: `${name}_out` }, link()));
  const exit = scope.add(tag('bpmn:intermediateCatchEvent', { id: `${name}_in` }, link()));
  return { entry, exit };
}

/** As many tokens come out of one activity as it takes to start the next one. */
function quantities(scope: Scope): Piece {
  const { draft } = scope;
  const [first, second] = [activity(scope, { waits: true }), activity(scope, { waits: true })];
  const many = String(2 + draft.chance.below(2));
  scope.amend(first.id, { completionQuantity: many });
  scope.amend(second.id, { startQuantity: many });
  scope.connect(first.id, second.id);
  return { entry: first.id, exit: second.id };
}

/** An activity that is left by conditions and a default flow. */
function conditionalFlows(scope: Scope): Piece {
  const { draft } = scope;
  const { id, beside } = activity(scope);
  const [one, other] = [task(scope), task(scope)];
  scope.connect(id, one.entry, flowCondition(draft));
  scope.amend(id, { default: scope.connect(id, other.entry) });
  return { entry: id, exit: merge(scope, [one.exit ?? one.entry, other.exit ?? other.entry, ...beside]) };
}

function fillAdHoc(scope: Scope): void {
  const { draft } = scope;
  for (let count = 1 + draft.chance.below(3); count > 0; count -= 1) {
    const { exit } = task(scope);
    if (exit === null || !draft.odds(25)) continue;
    scope.connect(exit, task(scope).entry);
  }
}

/** Beside the flow: begins when its event happens. */
function eventSubProcess(scope: Scope): void {
  const { draft, around } = scope;
  const undoes = around.kind !== 'process' && !around.undoes && draft.odds(25);
  const event = undoes ? caught(scope, ['compensation']) : caught(scope, BESIDE, { multiple: true });
  const interrupting = undoes || event.kinds.includes('error') || draft.odds(50);
  const inner = new Scope(draft, {
    ...around,
    depth: around.depth + 1,
    kind: 'eventSubProcess',
    cancelable: false,
    rank: Math.max(around.rank, event.rank),
    quiet: around.quiet || (!interrupting && event.kinds.includes('conditional')),
    undoes: around.undoes || undoes,
    undoable: [...around.undoable, ...scope.undoable],
  });
  const id = draft.id('beside');
  const isInterrupting = interrupting ? undefined : 'false';
  const parallelMultiple = event.definitions.length > 1 && draft.odds(40) ? 'true' : undefined;
  const start = tag('bpmn:startEvent', { id: `${id}_start`, isInterrupting, parallelMultiple }, ...event.definitions);
  const body = sequence(inner, inner.add(start));
  if (body.exit !== null) end(inner, body.exit);
  scope.add(tag('bpmn:subProcess', { id, triggeredByEvent: 'true' }, ...inner.content()));
}

const FLOW_NODES = /(?:[tT]ask|Activity|ubProcess|transaction|Gateway|Event)$/;

/** One flow more, from anywhere to anywhere later: what blocks promise no longer holds. */
function cross(scope: Scope): void {
  const { draft } = scope;
  const fits = scope.nodes.filter(({ name, attributes, children }) => {
    const isLink = children.some((child) => typeof child !== 'string' && child.name === 'bpmn:linkEventDefinition');
    const beside = attributes['isForCompensation'] ?? attributes['triggeredByEvent'];
    return FLOW_NODES.test(name) && !isLink && beside === undefined && name !== 'bpmn:eventBasedGateway';
  });
  const at = draft.chance.below(fits.length);
  const source = fits[at];
  const target = draft.chance.pick(fits.slice(at + 1));
  const leaves = source !== undefined && !/endEvent|boundaryEvent/.test(source.name);
  const enters =
    target !== undefined &&
    !/startEvent|boundaryEvent/.test(target.name) &&
    target.attributes['instantiate'] === undefined;
  const targetId = target?.attributes['id'] ?? '';
  if (!leaves || !enters || /^first/.test(targetId) || scope.wayBack.has(targetId)) return;
  const decides = !/parallel/.test(source.name);
  scope.connect(
    source.attributes['id'] ?? '',
    target.attributes['id'] ?? '',
    decides ? flowCondition(draft) : undefined,
  );
}
