/** Who may do what: every rule in one pure function. Reasons are sentences for the person who was refused. */
import { SYSTEM_PREFIX } from '@procos/bpmn';
import type { Subject } from '@procos/engine';
import type { Authentication } from '../identity/access.ts';
import { type Caller, isCaller } from '../identity/caller.ts';
import type { Decision, Question } from '../kernel-port.ts';
import { ACTIONS, type Need, rolesWith } from './permissions.ts';

/** What the decision depends on besides the question. */
export interface Rules {
  /**
   * `none`: the server listens on loopback only, and whoever can reach it may do everything a person may do. `required`:
   * everybody may do what his roles permit, and who has proved no name may do nothing.
   */
  readonly authentication: Authentication;
  /** What somebody may do of whom only the name is known any more, as it acts later in his name. */
  readonly resolve: (subject: Subject) => Caller;
}

/** Source of a deployment whose processes may use system calls. */
export const SYSTEM_SOURCE = 'system';
/** Deployments of what was shipped have this name; only the kernel makes them. */
export const SHIPPED_DEPLOYMENT = 'procos-system';
/** Deployments of an operator's version on top of a newer shipped one. */
export const KEPT_DEPLOYMENT = 'procos-system-kept';
/** System calls, and the few topics of the system that worker hosts serve, begin with this. */
export const SYSTEM_TOPIC_PREFIX: string = SYSTEM_PREFIX;
/** Served by worker hosts, open to every process: script tasks run there. */
export const SYSTEM_WORKER_TOPICS: ReadonlySet<string> = new Set(['procos.script']);

const ALLOWED: Decision = { allowed: true };

export function decide(question: Question, rules: Rules): Decision {
  const { subject, action, resource } = question;
  if (subject.kind === 'kernel') return ALLOWED;
  if (action === 'systemCall.use') {
    if (resource?.['source'] === SYSTEM_SOURCE) return ALLOWED;
    return refuse(
      `Process ${resource?.['bpmnProcessId'] ?? subject.id} may not use the system call ${resource?.['topic'] ?? ''}: ` +
        `only processes deployed from the source "${SYSTEM_SOURCE}" may. Deploy it from there, or use another topic.`,
    );
  }
  if (action.startsWith('systemCall.')) {
    return refuse(
      `${subject.kind} ${subject.id} may not serve ${resource?.['topic'] ?? 'system calls'}: system calls belong to the ` +
        'kernel. Use another topic, or another worker id.',
    );
  }
  if (action === 'system.change') {
    return refuse(
      'PID 1 is the system itself: it cannot be ended or changed from outside. Shut the system down, or deploy a new version of its process.',
    );
  }
  if (action === 'system.remove') {
    return refuse(
      'This was deployed as part of the system and cannot be removed. Deploy another version of it, or take an earlier one back with procos rollback.',
    );
  }
  if (action === 'batch.change') {
    return refuse(
      'This works in the name of who started it and cannot be changed from outside. Suspend, resume or cancel it, and start another one.',
    );
  }
  const need = needOf(question);
  if (need === undefined) return refuse(`Nobody may ${action}: there is no rule for it.`);
  if (rules.authentication === 'required')
    return judge(isCaller(subject) ? subject : rules.resolve(subject), action, need);
  if (resource?.['connection'] === 'remote') {
    return refuse(
      'Without authentication only this very machine may use the system. Ask from loopback, or configure authentication.',
    );
  }
  return ALLOWED;
}

/** Running a process of the system is an operator's business, except of those that act in the name of who asks. */
function needOf({ action, resource }: Question): Need | undefined {
  if (action === 'system.run') return RUN_BY[resource?.['process'] ?? ''] ?? ACTIONS[action];
  return ACTIONS[action];
}

const RUN_BY: Readonly<Record<string, Need>> = Object.assign(Object.create(null), {
  procos_system_deployment: 'deploy',
  procos_system_person_task: 'work',
  procos_system_user_management: 'anyone',
});

function judge(caller: Caller, action: string, need: Need): Decision {
  if (need === 'open') return ALLOWED;
  if (caller.kind === 'anonymous')
    return refuse('This system asks everybody who he is: log in, or send an access token.');
  if (need === 'anyone' || caller.permissions.has(need)) return ALLOWED;
  return refuse(
    `${caller.id} may not ${action}: it needs the permission ${need} (roles ${rolesWith(need).join(', ')}), and ` +
      `${caller.id} has the roles ${caller.roles.join(', ') || 'none'}. Ask an administrator.`,
  );
}

function refuse(reason: string): Decision {
  return { allowed: false, reason };
}
