/** One command on its way: the events it has caused, the steps still to do, and what it may read. */
import type { EventDefinition, Json, ProcessModel } from '@procos/bpmn';
import { apply } from '../appliers/appliers.ts';
import type { EngineEvent, EventOf, Variables } from '../records/events.ts';
import type {
  DecisionDefinitionId,
  DefinitionId,
  ElementInstanceId,
  IdSource,
  ProcessInstanceId,
  Subject,
} from '../records/ids.ts';
import { DEFAULT_LIMITS, type Limits, type Undeclared } from '../records/limits.ts';
import type { Chain, Step, StepOf } from '../records/steps.ts';
import type { TurnTaking } from '../records/turns.ts';
import { type Bounds, boundsOf, narrowed } from '../state/controls.ts';
import { newElementInstance } from '../state/element-instance.ts';
import type { DecisionDefinition, Definition, ElementInstance, ProcessInstance } from '../state/entities.ts';
import { sizeOfNamed } from '../state/size.ts';
import type { State } from '../state/state.ts';
import { SparseMap } from './sparse-map.ts';

/** What stands for the latest version without tenant: definitions by process id, decisions by decision id. */
export interface Pinned {
  readonly definitions: ReadonlyMap<string, DefinitionId>;
  readonly decisions: ReadonlyMap<string, DecisionDefinitionId>;
}

const NOTHING_PINNED: Pinned = { definitions: new Map(), decisions: new Map() };

export class Turn {
  readonly state: State;
  readonly now: number;
  readonly ids: IdSource;
  readonly zone: string;
  /** Id of the user who asks; null: nobody, a worker, or somebody unknown. */
  readonly user: string | null;
  /** Whoever asks, for what is kept with a name. */
  readonly by: string;
  readonly subject: Subject | undefined;
  /** Who has sent the kept message that an instance goes on with: what it calls because of it is started by him. */
  readonly senders: SparseMap<ProcessInstanceId, Subject> = new SparseMap();
  /** Those that models may hold against who asks; undefined: none. */
  readonly roles: readonly string[] | undefined;
  readonly events: EngineEvent[] = [];
  /** Scopes in which tokens or element instances changed: their joins are looked at when no step is left. */
  readonly touched: SparseMap<ElementInstanceId, ProcessInstanceId> = new SparseMap();
  /** Scopes whose joins have been looked at: what is stuck in one is looked for at the end. */
  readonly settled: SparseMap<ElementInstanceId, ProcessInstanceId> = new SparseMap();
  /** Variables that changed where a condition may wait for it; looked at before the next step. */
  readonly changes: VariableChange[] = [];
  readonly limits: Limits;
  readonly undeclared: Undeclared;
  readonly systemByName: boolean;
  readonly turns: TurnTaking | undefined;
  readonly #pinned: Pinned;
  /** The one that was asked for last: most commands ask for no other. */
  #definition: Definition | undefined;
  /** Steps done so far. */
  stepsDone = 0;
  /** What this command goes on with; a cause of its own, unless a timer that waited for nothing says otherwise. */
  chain: Chain;
  /** How often elements have begun in their scopes since the chain began. */
  readonly laps: Laps = new Laps();
  /** Size of variables set since an instance was last measured. */
  readonly grown: SparseMap<ProcessInstanceId, number> = new SparseMap();
  /** Owners' limits by instance, where some were looked for. */
  #bounds: Map<ProcessInstanceId, { readonly bounds: Bounds; readonly limits: Limits } | null> | undefined;
  /** What counts against limits of the whole life of an instance. */
  #counted: Map<ProcessInstanceId, { steps: number; createdTasks: number }> | undefined;
  /** Steps that a limit has stopped, by instance: they become incidents at the end. */
  readonly halted: SparseMap<ProcessInstanceId, Halted[]> = new SparseMap();
  /** Warnings that were issued already. */
  readonly warned: SparseMap<string, true> = new SparseMap();
  /** Warnings of a command that may still be refused; undefined: it has been accepted. */
  #held: EventOf<'warningIssued'>[] | undefined = [];
  /** Root variables of instances that ended in this turn, for replies. */
  readonly finalVariables: SparseMap<ProcessInstanceId, ElementInstance['variables']> = new SparseMap();
  /** Element instances whose `activate` step is still to be done; undefined: nobody has asked. */
  #beginning: Set<ElementInstanceId> | undefined;
  /** What begins when nothing else is left to do, in a command of its own. */
  readonly postponed: StepOf<'continueSignal'>[] = [];
  #steps: Step[] = [];
  #next = 0;
  /** Events that have happened: what they interrupt must not take another step first. */
  #triggers: Step[] = [];
  #nextTrigger = 0;

  constructor(context: {
    readonly state: State;
    readonly now: number;
    readonly ids: IdSource;
    readonly zone: string;
    readonly by?: Subject;
    readonly roles?: readonly string[] | undefined;
    readonly limits?: Limits;
    readonly undeclared?: Undeclared;
    readonly systemByName?: boolean;
    readonly pinned?: Pinned;
    readonly turns?: TurnTaking;
  }) {
    this.state = context.state;
    this.turns = context.turns;
    this.#pinned = context.pinned ?? NOTHING_PINNED;
    this.limits = context.limits ?? DEFAULT_LIMITS;
    this.undeclared = context.undeclared ?? 'open';
    this.systemByName = context.systemByName ?? false;
    this.chain = { since: context.now, stepsLeft: this.limits.stepsWithoutWait, laps: [] };
    this.now = context.now;
    this.ids = context.ids;
    this.zone = context.zone;
    this.user = context.by?.kind === 'user' ? context.by.id : null;
    this.by = context.by?.id ?? '';
    this.subject = context.by === undefined ? undefined : { kind: context.by.kind, id: context.by.id };
    this.roles = context.roles;
  }

  /** The command goes on with what an earlier one began. */
  continue(chain: Chain): void {
    this.chain = chain;
    for (const [scopeId, elementId, times] of chain.laps) this.laps.set(scopeId, elementId, times);
  }

  /** Steps that the chain may still take. */
  get stepsLeft(): number {
    return Math.max(0, this.chain.stepsLeft - this.stepsDone);
  }

  /** What owners and the model allow this instance; undefined: nobody says anything beside the settings. */
  bounds(instance: ProcessInstance): Bounds | undefined {
    return this.#boundsOf(instance)?.bounds;
  }

  /** The settings, narrowed by those. */
  limitsOf(instance: ProcessInstance): Limits {
    return this.#boundsOf(instance)?.limits ?? this.limits;
  }

  #boundsOf(instance: ProcessInstance): { readonly bounds: Bounds; readonly limits: Limits } | undefined {
    const known = this.#bounds?.get(instance.id);
    if (known !== undefined) return known ?? undefined;
    if (instance.id === NO_INSTANCE) return undefined;
    const bounds = boundsOf(this.state, this.definition(instance), instance);
    if (bounds === undefined && this.state.controls.none) return undefined;
    const found = bounds === undefined ? null : { bounds, limits: narrowed(this.limits, bounds) };
    this.#bounds ??= new Map();
    this.#bounds.set(instance.id, found);
    return found ?? undefined;
  }

  /** What this command has counted against limits of the life of an instance. */
  counted(id: ProcessInstanceId): { steps: number; createdTasks: number } {
    this.#counted ??= new Map();
    let counted = this.#counted.get(id);
    if (counted === undefined) {
      counted = { steps: 0, createdTasks: 0 };
      this.#counted.set(id, counted);
    }
    return counted;
  }

  /** Keeps what was counted; that of an instance that is over counts no more. */
  settleCounts(): void {
    if (this.#counted === undefined) return;
    for (const [processInstanceId, { steps, createdTasks }] of this.#counted) {
      if (!this.state.instances.get(processInstanceId)) continue;
      this.emit({
        type: 'usageCounted',
        processInstanceId,
        ...(steps === 0 ? {} : { steps }),
        ...(createdTasks === 0 ? {} : { createdTasks }),
      });
    }
    this.#counted = undefined;
  }

  /** States what happened and applies it at once. */
  emit(event: EngineEvent): void {
    this.#notice(event);
    apply(this.state, event, this.now);
    this.events.push(event);
  }

  /** States what was so before, elsewhere: nothing follows from it here. */
  restate(event: EngineEvent): void {
    apply(this.state, event, this.now);
    this.events.push(event);
  }

  /** A command that is refused changes nothing: until it is accepted its warnings are held back. */
  issue(warning: EventOf<'warningIssued'>): void {
    if (this.#held === undefined) this.emit(warning);
    else this.#held.push(warning);
  }

  accept(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const warning of held) this.emit(warning);
  }

  /** Takes down what the event is about to change, for those who look at it later in the turn. */
  #notice(event: EngineEvent): void {
    switch (event.type) {
      case 'elementActivated':
      case 'tokenPlaced':
      case 'tokensDiscarded':
        this.touch(event.processInstanceId, event.scopeId);
        break;
      case 'elementMoved':
        this.touch(event.processInstanceId, event.scopeId);
        break;
      case 'elementCompleted':
      case 'elementCanceled': {
        const instance = this.state.instances.get(event.processInstanceId);
        const element = instance?.elements.get(event.elementInstanceId);
        if (element === undefined || element.scopeId === null) break;
        this.touch(event.processInstanceId, element.scopeId);
        if (element.loopIndex === null && instance?.endsAfter?.includes(element.elementId))
          this.#end(instance, element);
        break;
      }
      case 'limitsSet':
      case 'processInstanceMigrated':
        this.#bounds = undefined;
        break;
      case 'limitCaught':
        this.#counted?.delete(event.processInstanceId);
        break;
      case 'variablesSet':
      case 'variablesRemoved': {
        if (event.type === 'variablesSet') this.#grow(event.processInstanceId, event.variables);
        const instance = this.state.instances.get(event.processInstanceId);
        if (instance === undefined || !hasConditions(this.model(instance))) break;
        const owned = instance.elements.get(event.scopeId)?.variables;
        const names = event.type === 'variablesSet' ? Object.keys(event.variables) : event.names;
        const { processInstanceId, scopeId } = event;
        for (const name of names) {
          const how = event.type === 'variablesRemoved' ? 'delete' : owned?.has(name) === true ? 'update' : 'create';
          this.changes.push({ processInstanceId, scopeId, name, how });
        }
        break;
      }
      default:
    }
  }

  /** It was started to go no further. */
  #end({ id: processInstanceId }: ProcessInstance, { elementId }: ElementInstance): void {
    const reason = `it was to end after '${elementId}'`;
    this.enqueue({ kind: 'cancelInstance', processInstanceId, elementInstanceId: processInstanceId, reason });
  }

  /** Large values count as several steps: what a command, or one cause, writes into the log is limited with its steps. */
  #grow(id: ProcessInstanceId, variables: Variables): void {
    const size = sizeOfNamed(variables);
    this.grown.set(id, (this.grown.get(id) ?? 0) + size);
    this.stepsDone += Math.floor(size / CHARACTERS_OF_A_STEP);
  }

  touch(processInstanceId: ProcessInstanceId, scopeId: ElementInstanceId): void {
    if (!this.touched.has(scopeId)) this.touched.set(scopeId, processInstanceId);
  }

  enqueue(step: Step): void {
    const { kind } = step;
    if (kind === 'activate') this.#beginning?.add(step.elementInstanceId);
    (kind === 'trigger' ? this.#triggers : this.#steps).push(step);
  }

  /** Triggers first, else in the order in which the steps were enqueued. */
  nextStep(): Step | undefined {
    const trigger = this.#triggers[this.#nextTrigger++];
    if (trigger !== undefined) return trigger;
    if (this.#triggers.length > 0) this.#triggers = [];
    this.#nextTrigger = 0;
    const step = this.#steps[this.#next++];
    if (step === undefined) {
      this.#steps = [];
      this.#next = 0;
    }
    if (this.#beginning !== undefined && step?.kind === 'activate') this.#beginning.delete(step.elementInstanceId);
    return step;
  }

  /** It is there, and has done nothing yet. */
  isBeginning(id: ElementInstanceId): boolean {
    this.#beginning ??= new Set(
      this.#steps.slice(this.#next).flatMap((step) => (step.kind === 'activate' ? step.elementInstanceId : [])),
    );
    return this.#beginning.has(id);
  }

  /** All that is left to do, in order; nothing is left afterwards. */
  takeRest(): readonly Step[] {
    const rest: Step[] = [];
    for (let step = this.nextStep(); step !== undefined; step = this.nextStep()) rest.push(step);
    return rest;
  }

  /** An event has happened whose consequences are not drawn yet. */
  get hasTriggers(): boolean {
    return this.#nextTrigger < this.#triggers.length;
  }

  /** What is started when no version is named: the latest one, or the one that stands for it. */
  latest(bpmnProcessId: string, tenantId: string | null): Definition | undefined {
    const { definitions } = this.state;
    const pinned = tenantId === null ? this.#pinned.definitions.get(bpmnProcessId) : undefined;
    return pinned === undefined ? definitions.latest(bpmnProcessId, tenantId) : definitions.get(pinned);
  }

  /** The decision that is called when no version is named: the latest one, or the one that stands for it. */
  latestDecision(decisionId: string, tenantId: string | null): DecisionDefinition | undefined {
    const { decisions } = this.state;
    const pinned = tenantId === null ? this.#pinned.decisions.get(decisionId) : undefined;
    return pinned === undefined ? decisions.latest(decisionId, tenantId) : decisions.get(pinned);
  }

  /** What an event starts that waits at a start event of this definition; undefined: nothing may be started by it. */
  startable(definitionId: DefinitionId, startElementId: string): Definition | undefined {
    const { definitions } = this.state;
    const waiting = definitions.get(definitionId);
    const pinned = waiting?.tenantId === null ? this.#pinned.definitions.get(waiting.bpmnProcessId) : undefined;
    const definition = pinned === undefined ? waiting : definitions.get(pinned);
    if (definition === undefined || definition.suspended) return undefined;
    return pinned === undefined || definition.model.startEvents.includes(startElementId) ? definition : undefined;
  }

  definition({ id, definitionId }: ProcessInstance): Definition {
    if (this.#definition?.id === definitionId) return this.#definition;
    const definition = this.state.definitions.get(definitionId);
    if (definition === undefined) throw new Error(`instance ${id} has no definition ${definitionId}`);
    this.#definition = definition;
    return definition;
  }

  model(instance: ProcessInstance): ProcessModel {
    return this.definition(instance).model;
  }
}

/** For what is put together field by field: to spread each that may be absent takes longer than all else. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Characters of variables whose setting is worth a step. */
const CHARACTERS_OF_A_STEP = 1_024;

/** A step that a limit has stopped. */
export interface Halted {
  readonly step: Step;
  /** Where, and which limit. */
  readonly elementId: string;
  readonly message: string;
  readonly kind: 'runaway' | 'limitReached';
}

interface Lap {
  readonly scopeId: ElementInstanceId;
  readonly elementId: string;
  times: number;
}

/** Most commands touch so few places that to compare them is quicker than to look for them. */
const FEW_LAPS = 16;

/** Counts by scope and element. */
export class Laps {
  readonly #laps: Lap[] = [];
  /** All of them, once they are many. */
  #index: Map<string, Lap> | undefined;

  set(scopeId: ElementInstanceId, elementId: string, times: number): void {
    this.#of(scopeId, elementId).times = times;
  }

  get(scopeId: ElementInstanceId, elementId: string): number {
    return this.#find(scopeId, elementId)?.times ?? 0;
  }

  add(scopeId: ElementInstanceId, elementId: string): number {
    const lap = this.#of(scopeId, elementId);
    lap.times += 1;
    return lap.times;
  }

  atLeast(times: number): Chain['laps'] {
    return this.#laps
      .filter((lap) => lap.times >= times)
      .map((lap) => [lap.scopeId, lap.elementId, lap.times] as const);
  }

  #of(scopeId: ElementInstanceId, elementId: string): Lap {
    const known = this.#find(scopeId, elementId);
    if (known !== undefined) return known;
    const lap: Lap = { scopeId, elementId, times: 0 };
    this.#laps.push(lap);
    if (this.#index !== undefined) this.#index.set(keyOf(scopeId, elementId), lap);
    else if (this.#laps.length > FEW_LAPS)
      this.#index = new Map(this.#laps.map((one) => [keyOf(one.scopeId, one.elementId), one]));
    return lap;
  }

  #find(scopeId: ElementInstanceId, elementId: string): Lap | undefined {
    if (this.#index !== undefined) return this.#index.get(keyOf(scopeId, elementId));
    for (const lap of this.#laps) if (lap.scopeId === scopeId && lap.elementId === elementId) return lap;
    return undefined;
  }
}

function keyOf(scopeId: ElementInstanceId, elementId: string): string {
  return `${scopeId} ${elementId}`;
}

export interface VariableChange {
  readonly processInstanceId: ProcessInstanceId;
  readonly scopeId: ElementInstanceId;
  readonly name: string;
  readonly how: 'create' | 'update' | 'delete';
}

const conditionCache = new WeakMap<ProcessModel, boolean>();

/** Does anything in the model wait for a condition? */
function hasConditions(model: ProcessModel): boolean {
  let has = conditionCache.get(model);
  if (has === undefined) {
    has = Object.values(model.elements).some((element) => 'event' in element && isConditional(element.event));
    conditionCache.set(model, has);
  }
  return has;
}

function isConditional(event: EventDefinition): boolean {
  return event.kind === 'multiple' ? event.events.some(isConditional) : event.kind === 'conditional';
}

/** An element instance with everything around it that its behaviour may want to know. */
export interface Visit {
  readonly turn: Turn;
  readonly instance: ProcessInstance;
  readonly model: ProcessModel;
  readonly self: ElementInstance;
  /** Values of scripts that have run for the step. */
  readonly scripts?: Readonly<Record<string, Json>> | undefined;
}

/** undefined when it is gone by now: it was canceled by an earlier step of this turn. */
export function visit(
  turn: Turn,
  processInstanceId: ProcessInstanceId,
  elementInstanceId: ElementInstanceId,
): Visit | undefined {
  const instance = turn.state.instances.get(processInstanceId);
  const self = instance?.elements.get(elementInstanceId);
  return instance === undefined || self === undefined
    ? undefined
    : { turn, instance, model: turn.model(instance), self };
}

/** The same for another element instance of the same process instance. */
export function visitScope(of: Visit): Visit | undefined {
  const scope = of.self.scopeId === null ? undefined : of.instance.elements.get(of.self.scopeId);
  return scope === undefined ? undefined : { ...of, self: scope };
}

/** No instance has this id: start events are looked at before there is one. */
export const NO_INSTANCE = 0;

/** A visit of an instance that does not exist: start events see only these variables. */
export function visitBeforeStart(turn: Turn, model: ProcessModel, variables: Variables = {}): Visit {
  const self = newElementInstance(NO_INSTANCE, model.bpmnProcessId, null);
  self.variables = new Map(Object.entries(variables));
  return {
    turn,
    model,
    self,
    instance: {
      id: NO_INSTANCE,
      definitionId: NO_INSTANCE,
      businessKey: null,
      tenantId: null,
      rootId: NO_INSTANCE,
      parentId: null,
      parentElementInstanceId: null,
      startedAt: turn.now,
      suspended: false,
      elements: new Map([[self.id, self]]),
    },
  };
}
