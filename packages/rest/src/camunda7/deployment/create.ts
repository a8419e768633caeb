/** `POST /deployment/create`: a form with settings and files becomes a deployment. */
import {
  type DeployedResource,
  type DeployFindings,
  type DeployRequest,
  type Problem,
  type ProcessEngine,
  resourceOf,
  suspendLater,
} from '@procos/kernel';
import type { Call } from '../../call.ts';
import { type FormPart, readForm } from '../../multipart.ts';
import { BadRequest } from '../../origin.ts';
import { formatDate, parseDateParameter } from '../dates.ts';
import { decisionDefinition } from '../decision-definition/routes.ts';
import { allGraphs, decisionRequirementsDefinition } from '../decision-requirements-definition/graphs.ts';
import { definitionIdOf } from '../definitions.ts';
import { notMultipart, RestError, rejected } from '../errors.ts';
import { selfLink } from '../links.ts';
import { processDefinition } from '../process-definition/dto.ts';

const ACTIVATION = 'deployment-activation-time';
const CHANGED_ONLY = 'deploy-changed-only';
const SETTINGS = new Set([
  'deployment-name',
  'deployment-source',
  ACTIVATION,
  'enable-duplicate-filtering',
  CHANGED_ONLY,
  'tenant-id',
]);

export async function createDeployment(call: Call): Promise<unknown> {
  const { request, engine } = call;
  if (!request.isMultipart()) {
    throw notMultipart();
  }
  const form = await readForm(request);
  const at = activationAt(form);
  const parts = form.filter(({ name }) => name !== ACTIVATION);
  const asked = { ...readRequest(parts), ...(at === undefined ? {} : { suspended: true }) };
  const changedOnly = parts.some(({ name, content }) => name === CHANGED_ONLY && content.toString() === 'true');
  const answer = await deployed(call, changedOnly ? withoutUnchanged(engine, asked) : asked);
  if (at !== undefined) await resumeAt(call, answer, at);
  return answer;
}

/** ms since the epoch; undefined: at once. */
function activationAt(parts: readonly FormPart[]): number | undefined {
  const text = parts.find(({ name }) => name === ACTIVATION)?.content.toString();
  return text === undefined || text === '' ? undefined : parseDateParameter(ACTIVATION, text);
}

/** What is new is suspended until then; a process of the system resumes it. */
async function resumeAt({ engine, by }: Call, { deployedProcessDefinitions }: Deployed, at: number): Promise<void> {
  const definitionIds = Object.keys(deployedProcessDefinitions ?? {}).map(definitionIdOf);
  if (definitionIds.length === 0) return;
  const later = suspendLater({ of: { definitionIds }, suspended: false, withInstances: false, at });
  const outcome = await engine.submit(later, by);
  if (!outcome.ok) throw rejected(outcome.rejection);
}

interface Deployed {
  readonly deployedProcessDefinitions: Readonly<Record<string, unknown>> | null;
  readonly [member: string]: unknown;
}

/**
 * What a deployment under this name and tenant has not brought yet, as it is. Where there is nothing new the whole, which the
 * engine then finds to be there already.
 */
function withoutUnchanged(engine: ProcessEngine, asked: DeployRequest): DeployRequest {
  const before = engine.find('deployments', {
    where: [
      { column: 'name', op: '=', value: asked.name },
      { column: 'tenantId', op: '=', value: asked.tenantId },
    ],
  });
  const latest = new Map(before.flatMap(({ resources }) => resources).map((resource) => [resource.name, resource]));
  const resources = asked.resources.filter(({ name, content, bytes }) => {
    const known = latest.get(name);
    return known === undefined || known.content !== content || known.bytes !== bytes;
  });
  if (resources.length > 0) return { ...asked, resources };
  // The engine compares with the latest deployment as a whole.
  return { ...asked, resources: before.at(-1)?.resources ?? asked.resources };
}

/** Deploys, and answers with what is new. Throws `RestError` 400 with all findings. */
export async function deployed(call: Call, request: DeployRequest): Promise<Deployed> {
  const { engine, by } = call;
  const outcome = await engine.deploy(request, by);
  if (!outcome.ok) throw parseException(outcome.findings);
  const { deploymentId, name, source, tenantId, deployedAt, definitionIds, decisionDefinitionIds } = outcome.value;
  const definitions = engine.find('definitions', { where: [{ column: 'id', op: 'in', value: definitionIds }] });
  const processes = definitions.map((definition) => processDefinition(engine, definition));
  const decisions = engine
    .find('decisions', { where: [{ column: 'id', op: 'in', value: decisionDefinitionIds }] })
    .map(decisionDefinition);
  const graphs = decisions.length === 0 ? [] : allGraphs(engine).filter((graph) => graph.deploymentId === deploymentId);
  return {
    links: selfLink(call, `/deployment/${deploymentId}`),
    id: String(deploymentId),
    name,
    source,
    deploymentTime: formatDate(deployedAt),
    tenantId,
    deployedProcessDefinitions:
      processes.length === 0 ? null : Object.fromEntries(processes.map((definition) => [definition['id'], definition])),
    deployedCaseDefinitions: null,
    deployedDecisionDefinitions:
      decisions.length === 0 ? null : Object.fromEntries(decisions.map((decision) => [decision['id'], decision])),
    deployedDecisionRequirementsDefinitions:
      graphs.length === 0
        ? null
        : Object.fromEntries(graphs.map((graph) => [graph.id, decisionRequirementsDefinition(graph)])),
  };
}

/** What a deployment form asks for, of either face that takes one. Throws `BadRequest`. */
export function readRequest(parts: readonly FormPart[]): DeployRequest {
  const settings = new Map<string, string>();
  const resources = new Map<string, DeployedResource>();
  for (const part of parts) {
    if (SETTINGS.has(part.name)) settings.set(part.name, part.content.toString());
    else if (!part.filename) {
      throw new BadRequest(
        400,
        `No file name found in the deployment resource described by form parameter '${part.name}'.`,
      );
    } else {
      const read = resource(part.filename, part);
      const before = resources.get(read.name);
      // Camunda keeps the last one and says nothing of the others.
      if (before !== undefined && (before.content !== read.content || before.bytes !== read.bytes))
        throw new BadRequest(400, `Two different deployment resources are called '${read.name}': rename one of them.`);
      resources.set(read.name, read);
    }
  }
  if (resources.size === 0) throw new BadRequest(400, 'No deployment resources contained in the form upload.');
  if (settings.get(ACTIVATION))
    throw new BadRequest(
      400,
      `Form parameter '${ACTIVATION}' is not supported here: what is deployed is active at once`,
    );
  return {
    name: settings.get('deployment-name') || null,
    source: settings.get('deployment-source') || null,
    tenantId: settings.get('tenant-id') || null,
    resources: [...resources.values()],
    skipUnchanged: settings.get('enable-duplicate-filtering') === 'true' || settings.get(CHANGED_ONLY) === 'true',
  };
}

function resource(name: string, { content }: FormPart): DeployedResource {
  const read = resourceOf(name, content);
  if (read !== undefined) return read;
  throw new BadRequest(
    400,
    `Cannot read the deployment resource '${name}': it is not text in the encoding that it declares.`,
  );
}

/** All findings at once, in the words that Camunda Modeler looks for. */
function parseException(findings: DeployFindings['findings']): RestError {
  const lines: string[] = [];
  const details: Record<string, unknown> = {};
  for (const { resource, problems } of findings) {
    const errors = problems.filter((problem) => problem.severity === 'error');
    const warnings = problems.filter((problem) => problem.severity === 'warning');
    details[resource] = { errors: errors.map(problemDto), warnings: warnings.map(problemDto) };
    for (const { message, line, column = 0 } of errors) {
      lines.push(`* ${message} | resource ${resource} | line ${line} | column ${column}`);
    }
  }
  const message = `ENGINE-09005 Could not parse BPMN process. Errors: \n${lines.join('\n')}`;
  return new RestError(400, 'ParseException', message, { extra: { details } });
}

/** Camunda 7.24 spells one member with a Cyrillic letter on the wire and in Latin in its documentation: both are sent. */
function problemDto({ message, line, column = 0, elementId }: Problem): Record<string, unknown> {
  const elementIds = elementId === undefined ? [] : [elementId];
  return { message, line, column, mainElementId: elementId ?? null, elementIds, '\u0435lementIds': elementIds };
}
