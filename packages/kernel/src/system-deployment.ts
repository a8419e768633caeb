/** The processes of the system itself: what was shipped is what runs. */
import { BOOT, BootFailure } from './boot.ts';
import type { KernelLog } from './log.ts';
import { SYSTEM_SOURCE } from './policy/decide.ts';
import type { DeployFindings, ProcessEngine } from './process-engine.ts';

const SYSTEM_DEPLOYMENT = 'procos-system';

export interface SystemModel {
  readonly name: string;
  readonly content: string;
}

/** Brings the deployed system processes up to what was shipped; unchanged ones stay as they are. */
export async function deploySystem(
  engine: ProcessEngine,
  models: readonly SystemModel[],
  log: KernelLog,
): Promise<void> {
  if (isDeployed(engine, models)) {
    log.info('system_models_deployed', 'The system processes are unchanged.', { definitions: 0 });
    return;
  }
  const outcome = await engine.deploy(
    { name: SYSTEM_DEPLOYMENT, source: SYSTEM_SOURCE, tenantId: null, resources: models, skipUnchanged: true },
    BOOT,
  );
  if (!outcome.ok) throw new BootFailure(`The system processes cannot be deployed. ${wording(outcome.findings)}`);
  if (outcome.warnings.length > 0) log.warn('system_models_warned', wording(outcome.warnings));
  const definitions = outcome.value.definitionIds.length;
  log.info('system_models_deployed', `${definitions} system processes are new or changed.`, { definitions });
}

/** Then they need not be read and checked again, which takes most of the time of a start. */
function isDeployed(engine: ProcessEngine, models: readonly SystemModel[]): boolean {
  const [latest] = engine.find('deployments', {
    where: [{ column: 'name', op: '=', value: SYSTEM_DEPLOYMENT }],
    orderBy: [{ column: 'id', descending: true }],
    limit: 1,
  });
  if (latest?.source !== SYSTEM_SOURCE || latest.resources.length !== models.length) return false;
  const contents = new Map(latest.resources.map(({ name, content }) => [name, content]));
  return models.every(({ name, content }) => contents.get(name) === content);
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
