/** The processes of the system itself: what was shipped is deployed file by file, and what an operator changed stays. */
import type { Pinned } from '@procos/engine';
import { BOOT, BootFailure } from './boot.ts';
import type { KernelLog } from './log.ts';
import { KEPT_DEPLOYMENT, SHIPPED_DEPLOYMENT, SYSTEM_SOURCE } from './policy/decide.ts';
import type { DeployFindings, DeployRequest, ProcessEngine } from './process-engine.ts';
import { filesFor, filesForDecision } from './redeployment.ts';

export interface SystemModel {
  readonly name: string;
  readonly content: string;
}

/** By which versions the system may run. */
export interface SystemVersions {
  /** The latest shipped ones. */
  readonly shipped: Pinned;
  /** Processes and decisions of which an operator's version is the active one. */
  readonly changed: ReadonlySet<string>;
}

type Kind = 'process' | 'decision';

/** One version of a process or of a decision of the system. */
interface Version {
  readonly kind: Kind;
  readonly id: number;
  /** bpmnProcessId or decision id. */
  readonly name: string;
  readonly version: number;
  readonly deploymentId: number;
  readonly resourceName: string;
  readonly checksum: string;
}

/**
 * Deploys each shipped file that is not what was shipped before. An operator's version of a process stays the latest one:
 * it is deployed anew on top of a newer shipped one.
 */
export async function deploySystem(
  engine: ProcessEngine,
  models: readonly SystemModel[],
  log: KernelLog,
): Promise<SystemVersions> {
  const before = shippedBefore(engine);
  const files = models.filter(({ name, content }) => before.contents.get(name) !== content);
  if (files.length > 0) {
    const outcome = await engine.deploy(systemRequest(SHIPPED_DEPLOYMENT, files), BOOT);
    if (!outcome.ok) throw new BootFailure(`The system processes cannot be deployed. ${wording(outcome.findings)}`);
    if (outcome.warnings.length > 0) log.warn('system_models_warned', wording(outcome.warnings));
  }
  const definitions = files.length;
  const text =
    definitions === 0 ? 'The system processes are unchanged.' : `${definitions} system processes are new or changed.`;
  log.info('system_models_deployed', text, { definitions });
  return settle(engine, new Set(models.map(({ name }) => name)), log);
}

/** Sees to it that the version that is to be active is the latest one, of each process and decision that is shipped now. */
async function settle(engine: ProcessEngine, names: ReadonlySet<string>, log: KernelLog): Promise<SystemVersions> {
  const { deploymentIds } = shippedBefore(engine);
  const shipped = { process: new Map<string, number>(), decision: new Map<string, number>() };
  const changed = new Set<string>();
  for (const versions of systemVersions(engine)) {
    const ours = versions.filter(({ deploymentId }) => deploymentIds.has(deploymentId));
    const newest = ours.at(-1);
    if (newest === undefined || !names.has(newest.resourceName)) continue;
    shipped[newest.kind].set(newest.name, newest.id);
    const theirs = versions.findLast(({ deploymentId }) => !deploymentIds.has(deploymentId));
    if (theirs === undefined || isShipped(theirs, ours)) continue;
    if (await keep(engine, theirs, log)) {
      changed.add(theirs.name);
      tell(engine, theirs, newest, log);
    }
  }
  return { shipped: { definitions: shipped.process, decisions: shipped.decision }, changed };
}

/** False when it can no longer be deployed. */
async function keep(engine: ProcessEngine, theirs: Version, log: KernelLog): Promise<boolean> {
  // Another decision of the same file may have brought it along.
  if (latestOf(engine, theirs)?.checksum === theirs.checksum) return true;
  const outcome = await engine.deploy(systemRequest(KEPT_DEPLOYMENT, filesOf(engine, theirs)), BOOT);
  if (outcome.ok) return true;
  const { name, version } = theirs;
  const text = `Version ${version} of ${name}, which an operator deployed, can no longer be deployed; the shipped one is active. ${wording(outcome.findings)}`;
  log.error('system_model_dropped', text, { process: name, version });
  return false;
}

function tell(engine: ProcessEngine, theirs: Version, shipped: Version, log: KernelLog): void {
  const { name } = theirs;
  const version = latestOf(engine, theirs)?.version ?? theirs.version;
  const about = { process: name, version, shipped: shipped.version };
  const runs = `${name} runs by version ${version}, which an operator deployed`;
  const command = `procos rollback ${name} --to ${shipped.version}`;
  const where = [{ column: 'id', op: '=', value: theirs.deploymentId }] as const;
  const newer = shipped.version > theirs.version || engine.find('deployments', { where })[0]?.name === KEPT_DEPLOYMENT;
  if (newer) {
    const text = `${runs}, although a newer one was shipped as version ${shipped.version}. ${command} takes that.`;
    log.warn('system_model_outdated', text, about);
  } else log.info('system_model_changed', `${runs}. ${command} takes the shipped one back.`, about);
}

/** An operator who has taken a shipped version follows what is shipped later. */
function isShipped(theirs: Version, ours: readonly Version[]): boolean {
  const newestThen = ours.findLast(({ version }) => version < theirs.version)?.version ?? 0;
  return ours.some(({ checksum, version }) => version >= newestThen && checksum === theirs.checksum);
}

/** Versions of each process and of each decision of the system, in ascending order. */
function systemVersions(engine: ProcessEngine): Iterable<readonly Version[]> {
  const ids = systemDeployments(engine).map(({ id }) => id);
  const where = [
    { column: 'deploymentId', op: 'in', value: ids },
    { column: 'tenantId', op: 'isNull' },
  ] as const;
  const query = { where, orderBy: [{ column: 'version' }] } as const;
  const all: readonly Version[] = [
    ...engine.find('definitions', query).map((row) => ({ ...row, kind: 'process', name: row.bpmnProcessId }) as const),
    ...engine.find('decisions', query).map((row) => ({ ...row, kind: 'decision', name: row.decisionId }) as const),
  ];
  return Map.groupBy(all, ({ kind, name }) => `${kind} ${name}`).values();
}

function latestOf(engine: ProcessEngine, { kind, name }: Version): Pick<Version, 'version' | 'checksum'> | undefined {
  if (kind === 'process') return engine.latestDefinition(name, null);
  const where = [
    { column: 'decisionId', op: '=', value: name },
    { column: 'tenantId', op: 'isNull' },
  ] as const;
  return engine.find('decisions', { where, orderBy: [{ column: 'version', descending: true }], limit: 1 })[0];
}

function filesOf(engine: ProcessEngine, { kind, id }: Version): DeployRequest['resources'] {
  const where = [{ column: 'id', op: '=', value: id }] as const;
  if (kind === 'decision') return engine.find('decisions', { where }).flatMap((row) => filesForDecision(engine, row));
  return engine.find('definitions', { where }).flatMap((row) => filesFor(engine, row));
}

/** What earlier starts have deployed of what was shipped with them. */
function shippedBefore(engine: ProcessEngine) {
  const contents = new Map<string, string | undefined>();
  const deploymentIds = new Set<number>();
  for (const { id, name, resources } of systemDeployments(engine)) {
    if (name !== SHIPPED_DEPLOYMENT) continue;
    deploymentIds.add(id);
    for (const resource of resources) contents.set(resource.name, resource.content);
  }
  return { contents, deploymentIds };
}

function systemDeployments(engine: ProcessEngine) {
  const where = [{ column: 'source', op: '=', value: SYSTEM_SOURCE }] as const;
  return engine.find('deployments', { where, orderBy: [{ column: 'id' }] });
}

function systemRequest(name: string, resources: DeployRequest['resources']): DeployRequest {
  return { name, source: SYSTEM_SOURCE, tenantId: null, resources, skipUnchanged: false };
}

function wording(findings: DeployFindings['findings']): string {
  return findings
    .flatMap(({ resource, problems }) =>
      problems.map(
        ({ line, elementId, message }) => `${resource}:${line}${elementId ? ` (${elementId})` : ''}: ${message}`,
      ),
    )
    .join(' ');
}
