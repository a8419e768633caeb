/**
 * The executable graph: what the engine needs to know about a process, and nothing else.
 *
 * A `ProcessModel` is plain JSON: it is written into the record log at deployment and read back as it is, so that a
 * restart parses no XML. Both dialects (`camunda:` and `zeebe:`) are translated into this one vocabulary when a file is
 * read; the engine does not know which modeler drew it, except where the two differ in behaviour (`dialect`).
 */
import type { Capabilities } from '@procos/protocol';

/** Bump when a stored graph can no longer be executed as it is; `reviveModel` then brings those of older versions up. */
export const MODEL_VERSION = 2;

/** Which modeler's extensions the file carries; decides where results of a worker go and which expression rules hold. */
export type Dialect = 'camunda7' | 'camunda8';

/**
 * Text that is evaluated at run time. `literal` is text without any `${…}`; `juel` may be a template such as `a-${b}`.
 * `script` is code of a language that never runs inside the kernel: the engine sends it to the sandbox and goes on when its
 * value is there.
 */
export interface Expression {
  readonly language: 'literal' | 'juel' | 'feel' | 'script';
  /** For `feel` without the leading `=`; for `juel` the whole text with its `${…}`. */
  readonly text: string;
  /** `script` only: its language, e.g. `javascript`. */
  readonly format?: string;
}

/** A script that runs in the sandbox (JavaScript) or is evaluated in place (FEEL as a mere expression). */
export interface Script {
  readonly format: string;
  readonly source: string;
}

/** The value side of an input or output mapping. Lists and maps are those of `camunda:inputOutput`. */
export type MappingSource =
  | { readonly kind: 'expression'; readonly expression: Expression }
  | { readonly kind: 'list'; readonly items: readonly MappingSource[] }
  | { readonly kind: 'map'; readonly entries: readonly { readonly key: string; readonly value: MappingSource }[] };

/** One input or output mapping: evaluate `source`, store it as variable `target` (`zeebe` targets may be a path `a.b`). */
export interface Mapping {
  readonly target: string;
  readonly source: MappingSource;
}

/** Work for an external worker: a Camunda 7 external task or a Camunda 8 job. */
export interface ExternalWork {
  readonly topic: Expression;
  /** Attempts left at the start; absent: the Camunda 7 rule (unlimited until the first failure reports a number). */
  readonly retries?: Expression;
  readonly priority?: Expression;
  /** Camunda 8 task headers, Camunda 7 extension properties: static, sent along to the worker. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface UserWork {
  readonly assignee?: Expression;
  readonly candidateUsers?: Expression;
  readonly candidateGroups?: Expression;
  readonly dueDate?: Expression;
  readonly followUpDate?: Expression;
  readonly priority?: Expression;
  /** `camunda:formKey` / external form reference. */
  readonly formKey?: Expression;
  /** `camunda:formRef` / `zeebe:formDefinition formId`: always the latest version of this form. */
  readonly formId?: string;
  /** Instead of `formId`, where it is an expression or another version is meant. */
  readonly formRef?: FormRef;
  /** Form-js schema carried inside the model (Camunda 8 `zeebe:userTaskForm`), JSON text. */
  readonly embeddedForm?: string;
  /** `camunda:formData` generated-form fields. */
  readonly formFields?: readonly FormField[];
  /** `zeebe:taskHeaders`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Camunda 8 without `zeebe:userTask`: a worker may do it too, by a job of its own. */
  readonly job?: ExternalWork;
}

export interface FormRef {
  readonly id: Expression;
  readonly binding: 'latest' | 'deployment' | 'version' | 'versionTag';
  /** Of `version` its number, of `versionTag` the tag. */
  readonly version?: Expression;
}

export interface FormField {
  readonly id: string;
  readonly label?: string;
  readonly type: string;
  /** As written. */
  readonly defaultValue?: string;
  /** What `defaultValue` says, for who submits the form without the field. */
  readonly default?: Expression;
  /** What is held against a submitted value. */
  readonly constraints?: readonly FormConstraint[];
  readonly values?: readonly { readonly id: string; readonly name: string }[];
}

export interface FormConstraint {
  readonly name: 'required' | 'readonly' | 'min' | 'max' | 'minlength' | 'maxlength';
  /** A number; not of `required` and `readonly`. */
  readonly config?: string;
}

export interface CalledElement {
  readonly processId: Expression;
  readonly binding: 'latest' | 'deployment' | 'version' | 'versionTag';
  readonly version?: Expression;
  readonly versionTag?: Expression;
  /** Whose process is called; absent: that of the caller's own tenant, else one that belongs to none. */
  readonly tenantId?: Expression;
  readonly businessKey?: Expression;
  /** `camunda:in variables="all"` or `zeebe propagateAllParentVariables`. */
  readonly inAll: boolean;
  /** `camunda:in variables="all" local="true"`: only the call activity's own. */
  readonly inLocal?: true;
  readonly in: readonly Mapping[];
  /** `camunda:out variables="all"` or `zeebe propagateAllChildVariables`. */
  readonly outAll: boolean;
  /** `camunda:out variables="all" local="true"`: into the call activity's own scope, for its output mappings. */
  readonly outLocal?: true;
  readonly out: readonly Mapping[];
}

export type LoopCharacteristics = MultiInstance | StandardLoop;

export interface MultiInstance {
  readonly kind: 'multiInstance';
  readonly sequential: boolean;
  readonly cardinality?: Expression;
  readonly collection?: Expression;
  /** Name of the variable that holds the current item. */
  readonly elementVariable?: string;
  readonly completionCondition?: Expression;
  /** Camunda 8: collect `outputElement` of every instance, in input order, into this variable. */
  readonly outputCollection?: string;
  readonly outputElement?: Expression;
  /** Camunda 7: every single instance goes on in commands of its own; that of the element is for the loop as a whole. */
  readonly async?: AsyncContinuation;
  /** Events thrown when instances complete (BPMN 2.0.2, table 10.31); absent: behavior `All`, none is thrown. */
  readonly behavior?: LoopBehavior;
}

export type LoopBehavior =
  /** At every instance that completes. */
  | { readonly kind: 'none'; readonly event: EventDefinition }
  /** At the first instance that completes. */
  | { readonly kind: 'one'; readonly event: EventDefinition }
  /** At every instance that completes: the event of each condition that holds then. */
  | {
      readonly kind: 'complex';
      readonly when: readonly { readonly condition: Expression; readonly event: EventDefinition }[];
    };

/** Runs again and again, one after the other, while the condition holds. */
export interface StandardLoop {
  readonly kind: 'standard';
  /** The condition is looked at before each round; false: after it, so that there is at least one. */
  readonly testBefore: boolean;
  /** Absent: as often as `maximum` says. */
  readonly condition?: Expression;
  /** Upper limit of rounds. */
  readonly maximum?: Expression;
}

/** Runs beside the element: evaluated in place, or work for an external worker that the element waits for. */
export type ListenerAction =
  | { readonly kind: 'expression'; readonly expression: Expression }
  | { readonly kind: 'work'; readonly work: ExternalWork };

/** `start`: after the input mappings, before the element does anything; `end`: when it has done its work. */
export interface ExecutionListener {
  readonly event: 'start' | 'end';
  readonly action: ListenerAction;
}

/** Around a user task; Camunda 8's creating, assigning, … go by the same words. */
export interface TaskListener {
  readonly event: 'create' | 'assignment' | 'update' | 'complete' | 'cancel' | 'timeout';
  /** Of a `timeout`: when it is called, counted from the creation of the task. */
  readonly timer?: { readonly kind: TimerKind; readonly value: Expression };
  readonly action: ListenerAction;
}

/** Camunda 7 `asyncBefore` and `asyncAfter`: the instance commits here and goes on in a command of its own. */
export interface AsyncContinuation {
  readonly before: boolean;
  readonly after: boolean;
}

/** What a business rule task evaluates inside the engine. */
export interface CalledDecision {
  readonly decisionId: Expression;
  readonly binding: 'latest' | 'deployment' | 'version' | 'versionTag';
  readonly version?: Expression;
  readonly versionTag?: Expression;
  /** As that of a called element. */
  readonly tenantId?: Expression;
  readonly resultVariable?: string;
  /** Camunda 7 `mapDecisionResult`; `value`: as Camunda 8 has it, the decision's own value. */
  readonly map: 'value' | 'singleEntry' | 'singleResult' | 'collectEntries' | 'resultList';
}

export type TimerKind = 'date' | 'duration' | 'cycle';

/** What an event waits for or does. `none` for plain start and end events. */
export type EventDefinition =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'message';
      readonly name: Expression;
      /** Camunda 8 correlation key; absent in Camunda 7 models (correlated by business key, variables, instance). */
      readonly correlationKey?: Expression;
      /** Throwing only: an implementation by a worker. Absent: delivered inside the engine. */
      readonly work?: ExternalWork;
    }
  | { readonly kind: 'timer'; readonly timer: TimerKind; readonly value: Expression }
  | {
      readonly kind: 'signal';
      readonly name: Expression;
      readonly in?: readonly Mapping[];
      readonly inAll?: boolean;
      /** Thrown (Camunda 7 `async`): each receiver goes on in a command of its own. */
      readonly async?: true;
    }
  | {
      readonly kind: 'error';
      /** Absent on a catching event: every error. */
      readonly code?: Expression;
      readonly message?: Expression;
      readonly codeVariable?: string;
      readonly messageVariable?: string;
    }
  | { readonly kind: 'terminate' }
  | {
      readonly kind: 'escalation';
      /** Absent on a catching event: every escalation. */
      readonly code?: Expression;
      readonly codeVariable?: string;
    }
  /** Throwing: undo what was completed. Catching (boundary): marks that the activity can be undone. */
  | {
      readonly kind: 'compensation';
      /** Throwing: only this activity; absent: everything completed in the scope. */
      readonly activityId?: string;
      readonly waitForCompletion: boolean;
    }
  | {
      readonly kind: 'conditional';
      readonly condition: Expression;
      /** Camunda 7: looked at only when this variable changes … */
      readonly variableName?: string;
      /** … in one of these ways. */
      readonly variableEvents?: readonly ('create' | 'update' | 'delete')[];
    }
  | { readonly kind: 'link'; readonly name: string }
  /** Ends a transaction: all that it completed is undone. */
  | { readonly kind: 'cancel' }
  /** Throwing: all of them. Catching: any of them, or all of them (`parallel`). */
  | { readonly kind: 'multiple'; readonly parallel: boolean; readonly events: readonly SingleEvent[] };

/** An event definition that is not itself a group of several. */
export type SingleEvent = Exclude<EventDefinition, { readonly kind: 'multiple' }>;

interface ElementCommon {
  readonly id: string;
  readonly name?: string;
  /** The scope that contains it; absent only for the process itself. */
  readonly scopeId?: string;
  /** Sequence flow ids, in document order. */
  readonly incoming: readonly string[];
  readonly outgoing: readonly string[];
  /** Line in the deployed file, 1-based. */
  readonly line: number;
  readonly inputs?: readonly Mapping[];
  readonly outputs?: readonly Mapping[];
  /** Extension properties (`camunda:properties`, `zeebe:properties`). */
  readonly properties?: Readonly<Record<string, string>>;
  readonly listeners?: readonly ExecutionListener[];
  readonly async?: AsyncContinuation;
  /** Camunda 7 `failedJobRetryTimeCycle`: when a step of the element fails, it is tried again in this rhythm before an incident. */
  readonly retryCycle?: Expression;
  /** Camunda 7 `jobPriority` (its own or that of the process). */
  readonly jobPriority?: Expression;
}

/** Activities: may loop and carry boundary events. */
interface ActivityCommon extends ElementCommon {
  readonly loop?: LoopCharacteristics;
  /** Ids of boundary events attached to it, in document order. */
  readonly boundaryEvents: readonly string[];
  /** Taken when its outgoing flows have conditions and none holds. */
  readonly defaultFlow?: string;
  /** Tokens that it takes to start; absent: 1. */
  readonly startQuantity?: number;
  /** Tokens put on every flow it leaves by; absent: 1. */
  readonly completionQuantity?: number;
  /** Runs only to undo another activity; no flow leads to it. */
  readonly forCompensation?: true;
  /** The activity that undoes this one (association from its compensation boundary event). */
  readonly compensationHandler?: string;
}

/** Scopes: contain other elements. */
interface ScopeCommon {
  /** None start event inside, where there is one. */
  readonly startEventId?: string;
  /** Ids of event sub-processes directly inside. */
  readonly eventSubProcesses: readonly string[];
}

export interface ProcessElement extends ElementCommon, ScopeCommon {
  readonly type: 'process';
}
/** An embedded sub-process; a transaction can be canceled, which undoes all that it completed. */
export interface SubProcess extends ActivityCommon, ScopeCommon {
  readonly type: 'subProcess' | 'transaction';
}
/** Its activities are started from outside or by `activeElements`, in any order and any number of times. */
export interface AdHocSubProcess extends ActivityCommon, ScopeCommon {
  readonly type: 'adHocSubProcess';
  /** One activity at a time. */
  readonly sequential: boolean;
  /** Looked at whenever an activity inside completes. Absent: complete when nothing is active inside any more. */
  readonly completionCondition?: Expression;
  /** When the completion condition holds: cancel what is still active (else wait for it). */
  readonly cancelRemaining: boolean;
  /** Camunda 8: gives the list of element ids to start with. */
  readonly activeElements?: Expression;
  readonly outputCollection?: string;
  readonly outputElement?: Expression;
}
export interface EventSubProcess extends ElementCommon, ScopeCommon {
  readonly type: 'eventSubProcess';
  /** Its one start event (typed; it says whether it interrupts). */
  readonly startEventId: string;
}
export interface CallActivity extends ActivityCommon {
  readonly type: 'callActivity';
  readonly called: CalledElement;
}
export interface StartEvent extends ElementCommon {
  readonly type: 'startEvent';
  readonly event: EventDefinition;
  /** Meaningful in event sub-processes only; true elsewhere. */
  readonly interrupting: boolean;
  readonly form?: Pick<UserWork, 'formKey' | 'formId' | 'formRef' | 'embeddedForm' | 'formFields'>;
  /** Camunda 7: the variable that names the user who starts the process. */
  readonly initiator?: string;
}
export interface EndEvent extends ElementCommon {
  readonly type: 'endEvent';
  readonly event: EventDefinition;
}
export interface IntermediateCatchEvent extends ElementCommon {
  readonly type: 'intermediateCatchEvent';
  readonly event: EventDefinition;
}
export interface IntermediateThrowEvent extends ElementCommon {
  readonly type: 'intermediateThrowEvent';
  readonly event: EventDefinition;
}
export interface BoundaryEvent extends ElementCommon {
  readonly type: 'boundaryEvent';
  readonly attachedTo: string;
  readonly event: EventDefinition;
  readonly interrupting: boolean;
}
export interface ExclusiveGateway extends ElementCommon {
  readonly type: 'exclusiveGateway';
  readonly defaultFlow?: string;
}
export interface InclusiveGateway extends ElementCommon {
  readonly type: 'inclusiveGateway';
  readonly defaultFlow?: string;
}
export interface ParallelGateway extends ElementCommon {
  readonly type: 'parallelGateway';
}
export interface EventBasedGateway extends ElementCommon {
  readonly type: 'eventBasedGateway';
  /** Its events start instances. */
  readonly instantiate: boolean;
  /** Instantiating only: the instance waits for all of its events. */
  readonly parallel: boolean;
}
/** Starts when its activation condition holds (it sees `activationCount`); later tokens of the same round are consumed. */
export interface ComplexGateway extends ElementCommon {
  readonly type: 'complexGateway';
  /** Absent: every token activates it. */
  readonly activationCondition?: Expression;
  readonly defaultFlow?: string;
}
/** Undefined task and manual task: pass through. */
export interface PassThroughTask extends ActivityCommon {
  readonly type: 'task' | 'manualTask';
}
/** Work done by an external worker. */
export interface ExternalTaskElement extends ActivityCommon {
  readonly type: 'serviceTask' | 'sendTask' | 'businessRuleTask';
  readonly work: ExternalWork;
  /** A send task without an implementation: its message is delivered inside the engine, as a throwing event's is. */
  readonly message?: EventDefinition;
  /** `camunda:errorEventDefinition` on external tasks: when the condition holds on complete or failure, throw the error. */
  readonly errorMappings?: readonly { readonly code: Expression; readonly condition: Expression }[];
}
/** Camunda 7 service/send/business rule task with `camunda:expression`: evaluated in place. */
export interface ExpressionTask extends ActivityCommon {
  readonly type: 'expressionTask';
  /** The BPMN name it is drawn as, for history and the faces. */
  readonly drawnAs: 'serviceTask' | 'sendTask' | 'businessRuleTask' | 'scriptTask';
  readonly expression: Expression;
  readonly resultVariable?: string;
}
/** Business rule task that evaluates a DMN decision inside the engine. */
export interface DecisionTask extends ActivityCommon {
  readonly type: 'decisionTask';
  readonly decision: CalledDecision;
}
export interface ScriptTask extends ActivityCommon {
  readonly type: 'scriptTask';
  readonly script: Script;
  readonly resultVariable?: string;
}
export interface UserTask extends ActivityCommon {
  readonly type: 'userTask';
  readonly user: UserWork;
  readonly taskListeners?: readonly TaskListener[];
}
export interface ReceiveTask extends ActivityCommon {
  readonly type: 'receiveTask';
  readonly event: EventDefinition;
  /** Its message starts an instance. */
  readonly instantiate: boolean;
}

export type Element =
  | ProcessElement
  | SubProcess
  | AdHocSubProcess
  | EventSubProcess
  | CallActivity
  | StartEvent
  | EndEvent
  | IntermediateCatchEvent
  | IntermediateThrowEvent
  | BoundaryEvent
  | ExclusiveGateway
  | InclusiveGateway
  | ParallelGateway
  | EventBasedGateway
  | ComplexGateway
  | PassThroughTask
  | ExternalTaskElement
  | ExpressionTask
  | DecisionTask
  | ScriptTask
  | UserTask
  | ReceiveTask;

export type ElementType = Element['type'];
/** The element with this type; some element types share one shape. */
export type ElementOf<T extends ElementType> = OneOf<Element, T>;
type OneOf<E extends Element, T extends ElementType> = E extends Element ? (T extends E['type'] ? E : never) : never;

export interface SequenceFlow {
  readonly id: string;
  readonly name?: string;
  readonly source: string;
  readonly target: string;
  readonly condition?: Expression;
  /** Camunda 7 `take` listeners. */
  readonly listeners?: readonly ListenerAction[];
}

/** One executable process of a file. */
export interface ProcessModel {
  readonly modelVersion: number;
  readonly bpmnProcessId: string;
  readonly name?: string;
  readonly dialect: Dialect;
  readonly versionTag?: string;
  /** ISO-8601 duration or number of days, as written. */
  readonly historyTimeToLive?: string;
  readonly startable: boolean;
  /** Topics whose tasks an instance of it does, in the place of a worker; absent: none. */
  readonly serves?: readonly ServedTopic[];
  /** Its `procos:security` block; absent: it has none. */
  readonly capabilities?: Capabilities;
  /** All elements by id, the process itself included under `bpmnProcessId`. Null prototype once revived. */
  readonly elements: Readonly<Record<string, Element>>;
  readonly flows: Readonly<Record<string, SequenceFlow>>;
  /** Ids of the elements that begin an instance, in document order: start events, receive tasks and events behind event-based gateways that instantiate. */
  readonly startEvents: readonly string[];
}

/** `procos:servesTopic`. */
export interface ServedTopic {
  readonly topic: string;
  /** Variables of its outermost scope that are the result of the task. */
  readonly results: readonly string[];
}

/** A finding of the deploy check. Errors refuse the deployment; warnings are shown. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  /** Stable name of the rule, e.g. `duplicate-id`; each error rule has a row in docs/errors.md. */
  readonly rule: string;
  /** What is wrong and what to do about it, one sentence. */
  readonly message: string;
  readonly elementId?: string;
  /** 1-based; 0 when the file could not be read far enough to tell. */
  readonly line: number;
  readonly column?: number;
}

/** Everything one .bpmn file yields. `processes` is empty when an error was found. */
export interface ReadResult {
  readonly processes: readonly ProcessModel[];
  /** All problems at once, ordered by line. */
  readonly problems: readonly Problem[];
}
