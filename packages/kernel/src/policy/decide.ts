/** Who may do what: every rule in one pure function. Reasons are sentences for the person who was refused. */
import { SYSTEM_PREFIX } from '@procos/bpmn';
import type { Decision, Question } from '../kernel-port.ts';

/** What the decision depends on besides the question. */
export interface Rules {
  /** `none`: the server listens on loopback only, and whoever can reach it may do everything a person may do. */
  readonly authentication: 'none';
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
/** Processes of the system itself. */
export const SYSTEM_PROCESS_PREFIX = 'procos_system_';

const ALLOWED: Decision = { allowed: true };

export function decide(question: Question, _rules: Rules): Decision {
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
  if (action === 'batch.change') {
    return refuse(
      'This works in the name of who started it and cannot be changed from outside. Suspend, resume or cancel it, and start another one.',
    );
  }
  if (resource?.['connection'] === 'remote') {
    return refuse(
      'Without authentication only this very machine may use the system. Ask from loopback, or configure authentication.',
    );
  }
  return ALLOWED;
}

function refuse(reason: string): Decision {
  return { allowed: false, reason };
}
