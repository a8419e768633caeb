/** Deployments over gRPC: files in one message, all of them or none. */
import type { JsonObject } from '../../call.ts';
import { type DeploymentAnswer, deployFiles } from '../deployment/deploy.ts';
import { readResourceKey } from '../deployment/file-keys.ts';
import { type NamedFile, readFiles } from '../deployment/read-files.ts';
import { deleteResource } from '../deployment/resources.ts';
import type { DeployedRow } from '../deployment/rows.ts';
import { notServed } from '../errors.ts';
import { Members } from '../members.ts';
import { DEFAULT_TENANT, readTenant } from '../tenants.ts';
import type { GatewayCall } from './call.ts';

export async function deployResource(call: GatewayCall): Promise<object> {
  const { message } = call;
  const answer = await deploy(call, filesOf(message, 'resources', 'content'), readTenant(message['tenantId']));
  return {
    key: answer.deploymentKey,
    tenantId: answer.tenantId,
    deployments: answer.deployments.flatMap((row) => metadataOf(row) ?? []),
  };
}

/** The older name: processes only. */
export async function deployProcess(call: GatewayCall): Promise<object> {
  const answer = await deploy(call, filesOf(call.message, 'processes', 'definition'), readTenant(DEFAULT_TENANT));
  const processes = answer.deployments.flatMap((row) => metadataOf(row)?.process ?? []);
  return { key: answer.deploymentKey, processes };
}

export async function remove(call: GatewayCall): Promise<object> {
  const members = new Members(call.message);
  if (members.optionalFlag('deleteHistory') === true) throw notServed("'deleteHistory'");
  const text = String(members.raw('resourceKey'));
  const key = readResourceKey(text, 'resourceKey');
  if (key.kind === 'definition') call.permit('processDefinition.delete');
  await deleteResource(call, key, text);
  return { resourceKey: text };
}

function deploy(call: GatewayCall, files: readonly NamedFile[], tenantId: string | null): Promise<DeploymentAnswer> {
  return deployFiles(call, readFiles(files), tenantId);
}

/** Bytes are the one thing in a message that is no JSON. */
function filesOf(message: JsonObject, list: string, content: string): NamedFile[] {
  const files = message[list] as unknown as readonly Readonly<Record<string, unknown>>[];
  return files.map((file) => ({ name: file['name'] as string, content: file[content] as Buffer }));
}

interface Metadata {
  readonly process?: object;
  readonly decision?: object;
  readonly decisionRequirements?: object;
  readonly form?: object;
}

/** undefined: the protocol has no word for other files. */
function metadataOf({
  processDefinition,
  decisionDefinition,
  decisionRequirements,
  form,
}: DeployedRow): Metadata | undefined {
  if (processDefinition !== null) {
    const { processDefinitionId, processDefinitionVersion, ...rest } = processDefinition;
    return { process: { ...rest, bpmnProcessId: processDefinitionId, version: processDefinitionVersion } };
  }
  if (decisionDefinition !== null) {
    const { decisionDefinitionId, name, decisionDefinitionKey, decisionRequirementsId, ...rest } = decisionDefinition;
    return {
      decision: {
        ...rest,
        dmnDecisionId: decisionDefinitionId,
        dmnDecisionName: name,
        decisionKey: decisionDefinitionKey,
        dmnDecisionRequirementsId: decisionRequirementsId,
      },
    };
  }
  if (decisionRequirements !== null) {
    const { decisionRequirementsId, decisionRequirementsName, ...rest } = decisionRequirements;
    const names = {
      dmnDecisionRequirementsId: decisionRequirementsId,
      dmnDecisionRequirementsName: decisionRequirementsName,
    };
    return { decisionRequirements: { ...rest, ...names } };
  }
  return form === null ? undefined : { form };
}
