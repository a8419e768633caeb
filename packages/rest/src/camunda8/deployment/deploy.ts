/** Deploys files: all of them or none; nothing new where all are deployed already. */
import type { DeployedResource, DeployFindings, Deployment } from '@procos/kernel';
import type { Asked } from '../asked.ts';
import { invalid, Problem } from '../errors.ts';
import { keyOf } from '../keys.ts';
import { tenantOf } from '../tenants.ts';
import { type DeployedRow, rowsOf } from './rows.ts';
import { deployedAs } from './unchanged.ts';

export interface DeploymentAnswer {
  readonly deploymentKey: string;
  readonly tenantId: string;
  readonly deployments: readonly DeployedRow[];
}

export async function deployFiles(
  { engine, by, repeated, kept, keep }: Asked,
  resources: readonly DeployedResource[],
  tenantId: string | null,
): Promise<DeploymentAnswer> {
  if (resources.length === 0) throw invalid("'resources' must have at least one file");
  const before = kept();
  if (before !== undefined) return before as unknown as DeploymentAnswer;
  const known = repeated ? undefined : deployedAs(engine, resources, tenantId);
  const deployments = known ?? [await deployNew()];
  const key = Math.max(...deployments.map(({ id }) => id));
  const rows =
    known === undefined
      ? deployments.flatMap((one) => rowsOf(engine, one, namesOf(resources)))
      : resources.flatMap((resource, at) => rowsOf(engine, known[at] as Deployment, namesOf([resource])));
  const answer = { deploymentKey: keyOf(key), tenantId: tenantOf(tenantId), deployments: rows };
  // Nothing new was deployed, but when it is sent again something else may have been.
  if (known !== undefined) await keep(JSON.parse(JSON.stringify(answer)));
  return answer;

  async function deployNew(): Promise<Deployment> {
    const outcome = await engine.deploy({ name: null, source: null, tenantId, resources, skipUnchanged: false }, by);
    if (!outcome.ok) throw refused(outcome.findings);
    const { deploymentId } = outcome.value;
    const [deployment] = engine.find('deployments', { where: [{ column: 'id', op: '=', value: deploymentId }] });
    if (deployment === undefined) throw new Error(`deployment ${deploymentId} is gone`);
    return deployment;
  }
}

function namesOf(resources: readonly DeployedResource[]): ReadonlySet<string> {
  return new Set(resources.map(({ name }) => name));
}

/** All findings at once. */
function refused(findings: DeployFindings['findings']): Problem {
  const errors = findings.flatMap(({ resource, problems }) =>
    problems.filter(({ severity }) => severity === 'error').map((problem) => ({ resource, ...problem })),
  );
  const lines = errors.map(({ resource, message, line, elementId }) => {
    const at = [elementId === undefined ? '' : `element ${elementId}`, line > 0 ? `line ${line}` : ''].filter(Boolean);
    return `'${resource}'${at.length === 0 ? '' : ` (${at.join(', ')})`}: ${message}`;
  });
  const forbidden = errors.some(({ rule }) => rule === 'FORBIDDEN');
  return new Problem(forbidden ? 'FORBIDDEN' : 'INVALID_ARGUMENT', `Nothing was deployed. ${lines.join('\n')}`);
}
