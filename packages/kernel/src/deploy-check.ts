/** What a deployment must fulfil beyond the check of each single file: names, reserved ids, known system calls. */
import { checkImports, type DecisionFile, type Problem, type ProcessModel, SYSTEM_PROCESS_PREFIX } from '@procos/bpmn';
import type { NewDefinition, Undeclared } from '@procos/engine';
import { SYSTEM_SOURCE, SYSTEM_TOPIC_PREFIX, SYSTEM_WORKER_TOPICS } from './policy/decide.ts';
import { systemUses } from './policy/system-uses.ts';
import { undeclaredUses } from './policy/undeclared.ts';
import type { DeployFindings, DeployRequest } from './process-engine.ts';

export type Findings = DeployFindings['findings'];
type Finding = Findings[number];

/** One process of the file at hand. */
export type Read = NewDefinition;

export interface ReadDecisionFile extends DecisionFile {
  /** sha256 of the resource, hex. */
  readonly checksum: string;
}

export function checkDeployment(
  request: DeployRequest,
  read: readonly Read[],
  decisions: readonly ReadDecisionFile[],
  rules: {
    readonly knownCalls: ReadonlySet<string>;
    readonly undeclared: Undeclared;
    readonly systemByName?: boolean;
  },
): readonly Finding[] {
  const { knownCalls, undeclared, systemByName = false } = rules;
  return [
    ...duplicateResources(request),
    ...duplicateProcesses(read),
    ...duplicateDecisions(decisions),
    ...imports(request, decisions),
    ...read.flatMap((one) => systemRules(request.source, one, knownCalls)),
    ...decisions.flatMap((file) => systemDecisionRules(request.source, file)),
    ...read.flatMap((one) => capabilityRules(request.source, one, undeclared)),
    ...(systemByName && request.source !== SYSTEM_SOURCE ? read.flatMap(systemRunRules) : []),
  ];
}

function duplicateResources(request: DeployRequest): Finding[] {
  const names = request.resources.map(({ name }) => name);
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...twice].map((name) =>
    finding(name, {
      severity: 'error',
      rule: 'duplicate-resource',
      message: `The deployment holds two files named ${name}: rename one of them.`,
      line: 0,
    }),
  );
}

function duplicateProcesses(read: readonly Read[]): Finding[] {
  const first = new Map<string, string>();
  const findings: Finding[] = [];
  for (const { resourceName, model } of read) {
    const other = first.get(model.bpmnProcessId);
    if (other === undefined) first.set(model.bpmnProcessId, resourceName);
    else {
      findings.push(
        finding(resourceName, {
          severity: 'error',
          rule: 'duplicate-process-id',
          message: `Process ${model.bpmnProcessId} is in ${other} too: deploy each process id once.`,
          elementId: model.bpmnProcessId,
          line: lineOf(model),
        }),
      );
    }
  }
  return findings;
}

/** A file that could not be read has said so; what others import from it is not known. */
function imports(request: DeployRequest, read: readonly ReadDecisionFile[]): Finding[] {
  const files = request.resources.filter(({ name }) => /\.dmn$/i.test(name));
  if (files.length > read.length) return [];
  return checkImports(read).map(({ resourceName, problem }) => finding(resourceName, problem));
}

function duplicateDecisions(files: readonly ReadDecisionFile[]): Finding[] {
  const first = new Map<string, string>();
  const decisions = files.flatMap(({ resourceName, model }) =>
    model.decisions.map((one) => ({ ...one, resourceName })),
  );
  return decisions.flatMap(({ id: decisionId, line, resourceName }) => {
    const other = first.get(decisionId);
    first.set(decisionId, other ?? resourceName);
    if (other === undefined) return [];
    return finding(resourceName, {
      severity: 'error',
      rule: 'duplicate-decision-id',
      message: `Decision ${decisionId} is in ${other} too: deploy each decision id once.`,
      elementId: decisionId,
      line,
    });
  });
}

function systemRules(source: string | null, one: Read, knownCalls: ReadonlySet<string>): Finding[] {
  const { resourceName, model } = one;
  const findings: Finding[] = [];
  if (model.bpmnProcessId.startsWith(SYSTEM_PROCESS_PREFIX) && source !== SYSTEM_SOURCE) {
    findings.push(
      finding(resourceName, {
        severity: 'error',
        rule: 'reserved-process-id',
        message:
          `Process ids that begin with ${SYSTEM_PROCESS_PREFIX} belong to the system: rename the process, or deploy it ` +
          `with the source "${SYSTEM_SOURCE}" to replace a system process (procos deploy --system).`,
        elementId: model.bpmnProcessId,
        line: lineOf(model),
      }),
    );
  }
  if (!model.bpmnProcessId.startsWith(SYSTEM_PROCESS_PREFIX) && source === SYSTEM_SOURCE) {
    findings.push(
      finding(resourceName, {
        severity: 'error',
        rule: 'not-a-system-process',
        message:
          `Only processes of the system have its rights, and their ids begin with ${SYSTEM_PROCESS_PREFIX}: deploy ` +
          `${model.bpmnProcessId} from another source (without --system).`,
        elementId: model.bpmnProcessId,
        line: lineOf(model),
      }),
    );
  }
  for (const element of Object.values(model.elements)) {
    if (!('work' in element) || element.work.topic.language !== 'literal') continue;
    const topic = element.work.topic.text;
    if (!topic.startsWith(SYSTEM_TOPIC_PREFIX) || SYSTEM_WORKER_TOPICS.has(topic)) continue;
    const about = { elementId: element.id, line: element.line };
    if (!knownCalls.has(topic)) {
      const known =
        knownCalls.size === 0 ? 'No system runs here to serve any' : `Known are: ${[...knownCalls].sort().join(', ')}`;
      const message = `There is no system call ${topic}. ${known}.`;
      findings.push(finding(resourceName, { severity: 'error', rule: 'unknown-system-call', message, ...about }));
    } else if (source !== SYSTEM_SOURCE) {
      const message = `${topic} is a system call: it will be refused, because the deployment's source is not "${SYSTEM_SOURCE}".`;
      findings.push(finding(resourceName, { severity: 'warning', rule: 'system-call-refused', message, ...about }));
    }
  }
  return findings;
}

function systemDecisionRules(source: string | null, { resourceName, model }: ReadDecisionFile): Finding[] {
  return model.decisions.flatMap(({ id: elementId, line }) => {
    const isSystems = elementId.startsWith(SYSTEM_PROCESS_PREFIX);
    if (isSystems === (source === SYSTEM_SOURCE)) return [];
    const about = { severity: 'error', elementId, line } as const;
    if (isSystems) {
      const message =
        `Decision ids that begin with ${SYSTEM_PROCESS_PREFIX} belong to the system: rename the decision, or deploy it ` +
        `with the source "${SYSTEM_SOURCE}" to replace one of the system (procos deploy --system).`;
      return [finding(resourceName, { rule: 'reserved-decision-id', message, ...about })];
    }
    const message =
      `The ids of decisions of the system begin with ${SYSTEM_PROCESS_PREFIX}: deploy ${elementId} from another source ` +
      '(without --system).';
    return [finding(resourceName, { rule: 'not-a-system-decision', message, ...about })];
  });
}

/** Who is not of the system and has no block is told of system calls by a warning of its own. */
function capabilityRules(source: string | null, { resourceName, model }: Read, undeclared: Undeclared): Finding[] {
  if (model.capabilities === undefined && undeclared === 'open' && source !== SYSTEM_SOURCE) return [];
  const problem = undeclaredUses(model, undeclared);
  return problem === undefined ? [] : [finding(resourceName, problem)];
}

function systemRunRules({ resourceName, model }: Read): Finding[] {
  return systemUses(model).map((problem) => finding(resourceName, problem));
}

function lineOf(model: ProcessModel): number {
  return model.elements[model.bpmnProcessId]?.line ?? 0;
}

function finding(resource: string, problem: Problem): Finding {
  return { resource, problems: [problem] };
}
