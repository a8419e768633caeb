/** Scopes of variables: who sees what, where a value goes, and the mappings between scopes. */
import {
  asLargeValue,
  type Evaluation,
  type EvaluationContext,
  type Expression,
  evaluate,
  excessOf,
  inferVariable,
  instantText,
  type Json,
  type Mapping,
  type MappingSource,
  type Variable,
} from '@procos/bpmn';
import type { Variables } from '../records/events.ts';
import type { ElementInstanceId } from '../records/ids.ts';
import type { ElementInstance, ProcessInstance } from '../state/entities.ts';
import { Detour, Fault } from './fault.ts';
import { scriptWork } from './script-work.ts';
import type { Turn, Visit } from './turn.ts';
import { refuseLargeValue, tooLargeFor } from './value-limits.ts';
import { warnOfNulls } from './warnings.ts';

/** The variable visible under this name from the element instance upward. */
export function lookup(instance: ProcessInstance, from: ElementInstance, name: string): Variable | undefined {
  for (let scope: ElementInstance | undefined = from; scope !== undefined; scope = scopeOf(instance, scope)) {
    const variable = scope.variables.get(name) ?? loopVariable(scope, name);
    if (variable !== undefined) return variable;
  }
  return undefined;
}

/** All variables visible from the element instance upward, the nearest scope wins. */
export function visibleVariables(instance: ProcessInstance, from: ElementInstance): Map<string, Variable> {
  const visible = new Map<string, Variable>();
  for (let scope: ElementInstance | undefined = from; scope !== undefined; scope = scopeOf(instance, scope)) {
    for (const [name, variable] of scope.variables) if (!visible.has(name)) visible.set(name, variable);
    for (const name of LOOP_VARIABLES) {
      const variable = loopVariable(scope, name);
      if (variable !== undefined && !visible.has(name)) visible.set(name, variable);
    }
  }
  return visible;
}

/**
 * Evaluates in the scope of the element instance; `extra` names win over all variables. Where FEEL gives null because
 * something is wrong, that is a warning of the instance.
 */
export function evaluateIn(
  at: Visit,
  expression: Expression,
  extra?: Readonly<Record<string, Json>>,
  effects: Pick<
    EvaluationContext,
    'setVariable' | 'removeVariable' | 'changeTask' | 'eventName' | 'canceled' | 'warn'
  > = {},
): Evaluation {
  const surroundings = new Surroundings(at, extra);
  Object.assign(surroundings, effects);
  const result = evaluate(expression, surroundings);
  const { nulls, large } = surroundings;
  if (!result.ok) return large.size === 0 ? result : { ok: false, message: result.message + hintAt(large) };
  if (nulls.length > 0)
    warnOfNulls(at, expression.text, large.size === 0 ? nulls : nulls.map((why) => why + hintAt(large)));
  const reason = tooLargeFor(at.turn.limits, undefined, result.value);
  return reason === undefined ? result : { ok: false, message: `the result ${reason.message}` };
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** What an expression finds from an element instance. A class: an object would get functions of its own for each expression. */
class Surroundings implements EvaluationContext {
  /** Why FEEL gave null. */
  readonly nulls: string[] = [];
  /** Names of large values that were looked up. */
  large: ReadonlySet<string> = NO_NAMES;
  readonly #at: Visit;
  readonly #extra: Readonly<Record<string, Json>> | undefined;

  constructor(at: Visit, extra: Readonly<Record<string, Json>> | undefined) {
    this.#at = at;
    this.#extra = extra;
  }

  get now(): number {
    return this.#at.turn.now;
  }

  get zone(): string {
    return this.#at.turn.zone;
  }

  get user(): string | null {
    return this.#at.turn.user;
  }

  lookup(name: string): Json | undefined {
    const { instance, self } = this.#at;
    const extra = this.#extra;
    return this.#seen(
      name,
      extra !== undefined && Object.hasOwn(extra, name) ? extra[name] : readable(lookup(instance, self, name)),
    );
  }

  names(): readonly string[] {
    const { instance, self } = this.#at;
    return [...Object.keys(this.#extra ?? {}), ...visibleVariables(instance, self).keys()];
  }

  get local(): NonNullable<EvaluationContext['local']> {
    const { variables } = this.#at.self;
    return {
      lookup: (name) => this.#seen(name, readable(variables.get(name))),
      names: () => variables.keys(),
    };
  }

  warn(reason: string): void {
    this.nulls.push(reason);
  }

  get task(): EvaluationContext['task'] {
    return userTaskOf(this.#at);
  }

  get execution(): NonNullable<EvaluationContext['execution']> {
    const { instance, self, model, turn } = this.#at;
    const version = turn.state.definitions.get(instance.definitionId)?.version;
    return {
      id: String(self.id),
      processInstanceId: String(instance.id),
      businessKey: instance.businessKey,
      processDefinitionId: `${model.bpmnProcessId}:${version}:${instance.definitionId}`,
      currentActivityId: self.elementId,
      currentActivityName: model.elements[self.elementId]?.name ?? null,
      tenantId: instance.tenantId,
    };
  }

  #seen(name: string, value: Json | undefined): Json | undefined {
    if (asLargeValue(value) !== undefined && !this.large.has(name)) this.large = new Set([...this.large, name]);
    return value;
  }
}

/** Why an expression did not find what it looked for. */
function hintAt(names: ReadonlySet<string>): string {
  const which = [...names].map((name) => `'${name}'`).join(', ');
  return ` (${which}: a large value, of which expressions see blob, size, type and name, not its content)`;
}

/** What an expression sees: an object that was serialised as JSON is taken apart like any map. */
function readable(variable: Variable | undefined): Json | undefined {
  if (variable?.type !== 'Object' || typeof variable.value !== 'string') return variable?.value;
  if (variable.info?.serializationDataFormat !== 'application/json') return variable.value;
  // From outside none comes in; where it is from an earlier version it stays a text.
  if (excessOf(variable.value) !== undefined) return variable.value;
  try {
    return JSON.parse(variable.value) as Json;
  } catch {
    return variable.value;
  }
}

function userTaskOf({ turn, self }: Visit): EvaluationContext['task'] {
  const task = self.userTaskId === null ? undefined : turn.state.userTasks.get(self.userTaskId);
  if (task === undefined) return undefined;
  const instant = (at: number | null) => (at === null ? null : instantText(at, turn.zone));
  return {
    id: String(task.id),
    name: task.name,
    assignee: task.assignee,
    taskDefinitionKey: task.elementId,
    priority: task.priority,
    dueDate: instant(task.dueAt),
    followUpDate: instant(task.followUpAt),
    createTime: instantText(task.createdAt, turn.zone),
    candidateUsers: task.candidateUsers,
    candidateGroups: task.candidateGroups,
  };
}

/** Evaluates, and says in a fault which part of which element went wrong. */
export function evaluateOr(
  at: Visit,
  expression: Expression,
  what: string,
  extra?: Readonly<Record<string, Json>>,
): { readonly value: Json } | Fault {
  if (expression.language === 'script') return scriptValue(at, expression, what, extra);
  const result = evaluateIn(at, expression, extra);
  return result.ok
    ? { value: result.value }
    : new Fault('expression', `${what} of '${at.self.elementId}': ${result.message}`);
}

/** The value that the sandbox gave for this script; when it has not run yet, the step has to wait for it. */
export function scriptValue(
  at: Visit,
  script: Expression,
  what: string,
  extra: Readonly<Record<string, Json>> = {},
): { readonly value: Json } | Fault {
  const key = `${what}: ${script.text}`;
  if (at.scripts !== undefined && Object.hasOwn(at.scripts, key)) return { value: at.scripts[key] ?? null };
  const work = scriptWork({ format: script.format ?? '', source: script.text });
  const variables = Object.fromEntries(Object.entries(extra).map(([name, value]) => [name, inferVariable(value)]));
  return new Detour('script', work, { key, variables });
}

/** As `evaluateOr`, where text is wanted: null gives null, numbers and booleans their text. */
export function evaluateText(
  at: Visit,
  expression: Expression | undefined,
  what: string,
): { readonly text: string | null } | Fault {
  if (expression === undefined) return { text: null };
  const result = evaluateOr(at, expression, what);
  if (result instanceof Fault) return result;
  if (result.value === null) return { text: null };
  if (typeof result.value === 'object')
    return new Fault(
      'expression',
      `${what} of '${at.self.elementId}': text is expected, not ${JSON.stringify(result.value).slice(0, 80)}`,
    );
  return { text: String(result.value) };
}

/** As `evaluateOr`, where true or false is wanted. */
export function isTrue(
  at: Visit,
  condition: Expression,
  what: string,
  extra?: Readonly<Record<string, Json>>,
): boolean | Fault {
  const result = evaluateOr(at, condition, what, extra);
  if (result instanceof Fault) return result;
  return typeof result.value === 'boolean'
    ? result.value
    : new Fault(
        'expression',
        `${what} of '${at.self.elementId}' must give true or false, not ${JSON.stringify(result.value)?.slice(0, 80)}`,
      );
}

/** As `evaluateOr`, where a whole number is wanted. */
export function evaluateInteger(at: Visit, expression: Expression, what: string): { readonly number: number } | Fault {
  const result = evaluateOr(at, expression, what);
  if (result instanceof Fault) return result;
  const number = typeof result.value === 'string' && result.value.trim() !== '' ? Number(result.value) : result.value;
  return typeof number === 'number' && Number.isSafeInteger(number)
    ? { number }
    : new Fault(
        'expression',
        `${what} of '${at.self.elementId}': a whole number is expected, not ${JSON.stringify(result.value)?.slice(0, 80)}`,
      );
}

/** Sets variables exactly in the element instance's own scope. */
export function setLocal(at: Visit, variables: Variables): void {
  if (Object.keys(variables).length === 0) return;
  at.turn.emit({ type: 'variablesSet', processInstanceId: at.instance.id, scopeId: at.self.id, variables });
}

/** Puts the own scope back to what it was: the activation that changed it failed, and is tried again from its beginning. */
export function restoreLocal(at: Visit, before: ReadonlyMap<string, Variable>): void {
  const { variables } = at.self;
  const names = [...variables.keys()].filter((name) => !before.has(name));
  if (names.length > 0)
    at.turn.emit({ type: 'variablesRemoved', processInstanceId: at.instance.id, scopeId: at.self.id, names });
  setLocal(at, Object.fromEntries([...before].filter(([name, variable]) => variables.get(name) !== variable)));
}

/** Removes a variable where it is found from the element instance upward, or only from its own scope. */
export function remove(at: Visit, name: string, local: boolean): void {
  const { turn, instance, self } = at;
  const scopeId = local ? self.id : ownerOf(instance, self, name);
  if (instance.elements.get(scopeId)?.variables.has(name) === true)
    turn.emit({ type: 'variablesRemoved', processInstanceId: instance.id, scopeId, names: [name] });
}

/** Camunda's transient variables live as long as the command that set them, not in what is stored as state. */
export function forgetTransient(turn: Turn): void {
  for (const event of turn.events) {
    if (event.type !== 'variablesSet') continue;
    const { processInstanceId, scopeId, variables } = event;
    const scope = turn.state.instances.get(processInstanceId)?.elements.get(scopeId);
    if (scope === undefined) continue;
    const names = Object.keys(variables).filter((name) => scope.variables.get(name)?.info?.transient === true);
    if (names.length > 0) turn.emit({ type: 'variablesRemoved', processInstanceId, scopeId, names });
  }
}

/** Sets each variable where it is found from the element instance upward, else in the root scope. */
export function assign(at: Visit, variables: Variables): void {
  const byScope = new Map<ElementInstanceId, Record<string, Variable>>();
  for (const [name, variable] of Object.entries(variables)) {
    const owner = ownerOf(at.instance, at.self, name);
    const group = byScope.get(owner) ?? record<Variable>();
    group[name] = variable;
    byScope.set(owner, group);
  }
  for (const [scopeId, group] of byScope)
    at.turn.emit({ type: 'variablesSet', processInstanceId: at.instance.id, scopeId, variables: group });
}

/**
 * Places what work or an event delivered: a Camunda 8 element with output mappings keeps it local for them, everywhere
 * else it goes upward as `assign` does.
 */
export function placeResults(at: Visit, variables: Variables | undefined): void {
  if (variables === undefined) return;
  const outputs = at.model.elements[at.self.elementId]?.outputs;
  if (at.model.dialect === 'camunda8' && outputs !== undefined && outputs.length > 0) setLocal(at, variables);
  else assign(at, variables);
}

/** Input mappings: each value becomes a local variable, visible to the mappings after it. */
export function applyInputs(at: Visit, mappings: readonly Mapping[] | undefined): Fault | undefined {
  if (mappings === undefined) return undefined;
  const values = evaluateMappings(at, mappings, 'input mapping');
  if (values instanceof Fault) return values;
  setLocal(at, values);
  return undefined;
}

/** Output mappings: evaluated in the element's scope, assigned from the scope above it. */
export function applyOutputs(at: Visit, mappings: readonly Mapping[] | undefined): Fault | undefined {
  if (mappings === undefined || mappings.length === 0) return undefined;
  // Only an output adds to a map that is there (Camunda 8); the path of an input makes a map of its own.
  const base = (name: string) => lookup(at.instance, at.self, name)?.value;
  const values = evaluateMappings(at, mappings, 'output mapping', base);
  if (values instanceof Fault) return values;
  // A Camunda 8 loop instance begins with its own scope, where its output element lies.
  const ownScope = at.self.scopeId === null || (at.model.dialect === 'camunda8' && at.self.loopIndex !== null);
  const above = ownScope ? at.self : (at.instance.elements.get(at.self.scopeId ?? 0) ?? at.self);
  assign({ ...at, self: above }, values);
  return undefined;
}

/** All mappings evaluated before anything is set; a path target `a.b` changes a copy of the map `a` that `base` gives. */
export function evaluateMappings(
  at: Visit,
  mappings: readonly Mapping[],
  what: string,
  base: (name: string) => Json | undefined = () => undefined,
): Record<string, Variable> | Fault {
  const values = record<Variable>();
  const seen = record<Json>();
  for (const mapping of mappings) {
    const value = evaluateSource(at, mapping.source, `${what} '${mapping.target}'`, seen);
    if (value instanceof Fault) return value;
    const path = at.model.dialect === 'camunda8' ? mapping.target.split('.') : [mapping.target];
    const name = path[0] ?? mapping.target;
    const whole =
      path.length === 1
        ? value.value
        : withPath(Object.hasOwn(seen, name) ? seen[name] : base(name), path.slice(1), value.value);
    const where = `${what} '${mapping.target}' of '${at.self.elementId}': the value`;
    const refused = value.variable === undefined ? refuseLargeValue(at, whole, where) : undefined;
    if (refused !== undefined) return refused;
    values[name] = value.variable !== undefined && path.length === 1 ? value.variable : inferVariable(whole);
    seen[name] = whole;
  }
  return values;
}

interface Evaluated {
  readonly value: Json;
  /** The source was a variable as it stands: keeps its type. */
  readonly variable?: Variable;
}

function evaluateSource(
  at: Visit,
  source: MappingSource,
  what: string,
  seen: Readonly<Record<string, Json>>,
): Evaluated | Fault {
  switch (source.kind) {
    case 'expression': {
      const plain = plainName(source.expression);
      const variable =
        plain === undefined || Object.hasOwn(seen, plain) ? undefined : lookup(at.instance, at.self, plain);
      if (variable !== undefined) return { value: variable.value, variable };
      return evaluateOr(at, source.expression, what, seen);
    }
    case 'list': {
      const items: Json[] = [];
      for (const item of source.items) {
        const value = evaluateSource(at, item, what, seen);
        if (value instanceof Fault) return value;
        items.push(value.value);
      }
      return { value: items };
    }
    case 'map': {
      const entries = record<Json>();
      for (const entry of source.entries) {
        const value = evaluateSource(at, entry.value, what, seen);
        if (value instanceof Fault) return value;
        entries[entry.key] = value.value;
      }
      return { value: { ...entries } };
    }
  }
}

const PLAIN_JUEL = /^[$#]\{\s*([A-Za-z_$][\w$]*)\s*\}$/;
const PLAIN_FEEL = /^\s*([A-Za-z_][\w]*)\s*$/;

/** `${x}` or `=x`: the variable itself is meant, with its type. */
function plainName(expression: Expression): string | undefined {
  if (expression.language === 'literal' || expression.language === 'script') return undefined;
  return (expression.language === 'juel' ? PLAIN_JUEL : PLAIN_FEEL).exec(expression.text)?.[1];
}

function withPath(base: Json | undefined, path: readonly string[], value: Json): Json {
  const [head, ...rest] = path;
  if (head === undefined) return value;
  const copy = record<Json>();
  if (base !== null && typeof base === 'object' && !Array.isArray(base)) Object.assign(copy, base);
  copy[head] = withPath(copy[head], rest, value);
  return { ...copy };
}

const LOOP_VARIABLES = ['nrOfInstances', 'nrOfCompletedInstances', 'nrOfActiveInstances'] as const;

function loopVariable(scope: ElementInstance, name: string): Variable | undefined {
  if (scope.loop === null) return undefined;
  switch (name) {
    case 'nrOfInstances':
      return { type: 'Integer', value: scope.loop.total };
    case 'nrOfCompletedInstances':
      return { type: 'Integer', value: scope.loop.completed };
    case 'nrOfActiveInstances':
      return { type: 'Integer', value: scope.loop.started - scope.loop.completed };
    default:
      return undefined;
  }
}

function ownerOf(instance: ProcessInstance, from: ElementInstance, name: string): ElementInstanceId {
  for (let scope: ElementInstance | undefined = from; scope !== undefined; scope = scopeOf(instance, scope)) {
    if (scope.variables.has(name)) return scope.id;
  }
  return instance.id;
}

function scopeOf(instance: ProcessInstance, element: ElementInstance): ElementInstance | undefined {
  return element.scopeId === null ? undefined : instance.elements.get(element.scopeId);
}

/** A map that names cannot poison. */
export function record<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}
