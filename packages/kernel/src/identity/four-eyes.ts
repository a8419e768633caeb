/**
 * The owner's rule that changes to the system need a second person. An approval is given for exactly one thing (its hash),
 * by completing the user task that is drawn for it, and is used up by the change.
 */
import { createHash } from 'node:crypto';
import type { Approval, CommandOf, State, Subject } from '@procos/engine';
import { DRAFT_VARIABLES, readDraft } from '../deployment/draft.ts';
import type { Gate } from '../kernel-port.ts';
import { SYSTEM_SOURCE } from '../policy/decide.ts';
import type { DeployRequest, ProcessEngine } from '../process-engine.ts';
import type { Authentication } from './access.ts';
import type { Directory } from './directory.ts';
import { FOUR_EYES, USER_PROCESS } from './names.ts';

/** Property of a user task that is an approval, in a process of the system that carries something out. */
export const APPROVAL_PROPERTY = 'procos.approval';
/** Rule of a finding that says so. */
export const APPROVAL_NEEDED = 'approval-needed';
/** What the task must be completed with to approve; anything else says no. */
const APPROVED = 'approved';
/** An approval that was not used by then is none. */
const APPROVAL_MS = 86_400_000;

export interface FourEyesOptions {
  readonly directory: Directory;
  readonly authentication: Authentication;
  readonly gate: Gate;
}

/** `approval`: its name; absent: none is needed. */
export type Found = { readonly approval?: string } | { readonly refusal: string };

export class FourEyes {
  readonly #options: FourEyesOptions;

  constructor(options: FourEyesOptions) {
    this.#options = options;
  }

  holds(): boolean {
    return this.#options.directory.rule(FOUR_EYES) !== undefined;
  }

  /** Whether it can only be deployed with the approval of a second person. */
  asksForApproval({ source }: Pick<DeployRequest, 'source'>): boolean {
    return source === SYSTEM_SOURCE && this.holds();
  }

  /** Why the system cannot be restored by a process while the rule holds: the rule, its users and their work would be replaced. */
  restoreRefusal(): string | undefined {
    if (!this.holds()) return undefined;
    return `While the rule ${FOUR_EYES} holds a running system is not replaced by a backup: shut it down and restore it at the machine (procos restore).`;
  }

  /** What a deployment needs. */
  ofDeployment(request: Pick<DeployRequest, 'source' | 'tenantId' | 'resources'>, by: Subject, now: number): Found {
    if (by.kind === 'kernel' || !this.asksForApproval(request)) return {};
    return this.#find(hashOfDeployment(request), by, now);
  }

  /** What a change of users needs. */
  ofRequest(name: string, by: Subject, now: number): Found {
    return this.holds() ? this.#find(name, by, now) : {};
  }

  #find(hash: string, by: Subject, now: number): Found {
    const approval = this.#options.directory.approval(hash);
    if (approval === undefined || approval.approvedAt + APPROVAL_MS <= now)
      return {
        refusal: `The rule ${FOUR_EYES} holds: a change of the system needs the approval of a second person. ${HOW}`,
      };
    if (approval.approvedBy === by.id || by.kind !== 'user')
      return {
        refusal: `${by.kind} ${by.id} cannot use an approval that he gave himself, or without having proved a name. ${HOW}`,
      };
    return { approval: hash };
  }

  /**
   * What completing this user task approves; a text: why `by` must not complete it. undefined: it is no approval, or nobody
   * can prove who he is.
   */
  approvalBy(
    command: CommandOf<'completeUserTask'>,
    by: Subject,
    state: State,
    engine: ProcessEngine,
  ): Approval | string | undefined {
    if (this.#options.authentication === 'none' && !this.holds()) return undefined;
    const task = approvalTask(command.userTaskId, state);
    if (task === undefined) return undefined;
    const { processInstanceId, bpmnProcessId } = task;
    const wanted = this.#wanted(bpmnProcessId, variablesOf(state, processInstanceId), engine);
    if (wanted === undefined)
      return `User task ${task.id} asks for an approval of something that is not there: cancel process instance ${processInstanceId}.`;
    if (by.kind !== 'user') return `Only a user who has proved his name can approve; ${by.kind} ${by.id} has not.`;
    if (wanted.requestedBy === by.id) return `${by.id} has handed this in himself: a second person must look at it.`;
    const decision = this.#options.gate.decide({ subject: by, action: wanted.action });
    if (!decision.allowed) return decision.reason;
    if (command.variables?.[APPROVED]?.value !== true) return undefined;
    return {
      kind: 'approval',
      name: wanted.hash,
      requestedBy: wanted.requestedBy,
      approvedBy: by.id,
      approvedAt: engine.now(),
    };
  }

  #wanted(bpmnProcessId: string, variable: (name: string) => unknown, engine: ProcessEngine) {
    const named = Object.entries(DRAFT_VARIABLES).find(([process]) => process === bpmnProcessId);
    if (named !== undefined) {
      const draft = readDraft(engine, Number(variable(named[1])));
      if (draft === undefined) return undefined;
      const { source } = draft.request;
      const action = source === SYSTEM_SOURCE ? 'system.deploy' : 'deployment.create';
      return { hash: hashOfDeployment(draft.request), requestedBy: draft.by.id, action };
    }
    const request = this.#options.directory.request(String(variable('request')));
    return request && { hash: request.name, requestedBy: request.by.id, action: 'identity.change' };
  }
}

const HOW =
  'Hand it in (procos deploy --system, procos rollback, procos user, procos token) and have somebody else complete the user task.';

/** Of exactly these bytes in this place. */
export function hashOfDeployment({
  source,
  tenantId,
  resources,
}: Pick<DeployRequest, 'source' | 'tenantId' | 'resources'>): string {
  const files = resources.map(({ name, content, bytes = null }) => [name, content, bytes]);
  files.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([source, tenantId, files]))
    .digest('hex');
}

const CARRIES_OUT: ReadonlySet<string> = new Set([...Object.keys(DRAFT_VARIABLES), USER_PROCESS]);

function approvalTask(userTaskId: number, state: State) {
  const task = state.userTasks.get(userTaskId);
  if (task === undefined || !CARRIES_OUT.has(task.bpmnProcessId)) return undefined;
  const element = state.definitions.get(task.definitionId)?.model.elements[task.elementId];
  const isApproval = element?.properties?.[APPROVAL_PROPERTY] === 'true';
  return isApproval ? task : undefined;
}

function variablesOf(state: State, processInstanceId: number): (name: string) => unknown {
  const scope = state.instances.get(processInstanceId)?.elements.get(processInstanceId);
  return (name) => scope?.variables.get(name)?.value;
}
