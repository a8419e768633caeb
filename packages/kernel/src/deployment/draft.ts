/** Files that are to be deployed later: kept in the store as one file of a deployment that defines nothing. */
import { createHash } from 'node:crypto';
import type { DeploymentId, Outcome, ReplyOf, RequestKey, Subject } from '@procos/engine';
import type { DeployRequest, ProcessEngine } from '../process-engine.ts';

/** The system process that checks and deploys a draft. */
export const DEPLOYMENT_PROCESS = 'procos_system_deployment';
/** The one that takes a draft that is a bundle, and has the files in it deployed. */
export const INSTALL_PROCESS = 'procos_system_install';
/** Variables of these processes that name a draft. */
export const DRAFT_VARIABLES: Readonly<Record<string, 'draft' | 'bundle'>> = {
  [DEPLOYMENT_PROCESS]: 'draft',
  [INSTALL_PROCESS]: 'bundle',
};

const DRAFT_SOURCE = 'procos draft';
const DRAFT_FILE = 'draft.json';

export interface Draft {
  /** Who handed it in, and in whose name it is deployed. */
  readonly by: Subject;
  readonly request: DeployRequest;
}

/** Keeps the files as they are, read by nobody yet. The same files handed in again by the same person are the same draft. */
export function keepDraft(
  engine: ProcessEngine,
  request: DeployRequest,
  by: Subject,
  key?: RequestKey,
): Promise<Outcome<ReplyOf<'deploy'>>> {
  const draft: Draft = { by: { kind: by.kind, id: by.id }, request };
  const content = JSON.stringify(draft);
  const hash = createHash('sha256').update(content).digest('hex');
  return engine.submit<'deploy'>(
    {
      type: 'deploy',
      name: `draft ${hash}`,
      source: DRAFT_SOURCE,
      tenantId: request.tenantId,
      resources: [{ name: DRAFT_FILE, content }],
      definitions: [],
      skipUnchanged: true,
    },
    by,
    key,
  );
}

/** Drafts handed in before that instant (ms since the epoch) that no process that runs is to deploy or install. */
export function oldDrafts(engine: Pick<ProcessEngine, 'find'>, before: number): readonly DeploymentId[] {
  const drafts = engine.find('deployments', {
    where: [
      { column: 'source', op: '=', value: DRAFT_SOURCE },
      { column: 'deployedAt', op: '<', value: before },
    ],
  });
  if (drafts.length === 0) return [];
  const running = engine.find('processInstances', {
    where: [
      { column: 'bpmnProcessId', op: 'in', value: Object.keys(DRAFT_VARIABLES) },
      { column: 'state', op: '=', value: 'active' },
    ],
  });
  const wanted = engine.find('variables', {
    where: [
      { column: 'processInstanceId', op: 'in', value: running.map(({ id }) => id) },
      { column: 'name', op: 'in', value: Object.values(DRAFT_VARIABLES) },
    ],
  });
  const ids = new Set(wanted.map(({ value }) => String(value)));
  return drafts.map(({ id }) => id).filter((id) => !ids.has(String(id)));
}

/** undefined: there is no such draft. */
export function readDraft(engine: Pick<ProcessEngine, 'find'>, id: DeploymentId): Draft | undefined {
  const [draft] = engine.find('deployments', { where: [{ column: 'id', op: '=', value: id }] });
  const file = draft?.source === DRAFT_SOURCE ? draft.resources.find(({ name }) => name === DRAFT_FILE) : undefined;
  return file === undefined ? undefined : (JSON.parse(file.content) as Draft);
}
