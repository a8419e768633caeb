/** `/deployments` and `/resources`. */
import { bytesOf } from '@procos/kernel';
import { type Call, type Declare, Raw } from '../../call.ts';
import { permit } from '../../gate.ts';
import { readForm } from '../../multipart.ts';
import { invalid, notServed, Problem } from '../errors.ts';
import { Members } from '../members.ts';
import { readTenant } from '../tenants.ts';
import { type DeploymentAnswer, deployFiles } from './deploy.ts';
import { readResourceKey } from './file-keys.ts';
import { type NamedFile, readFiles } from './read-files.ts';
import { deleteResource, type Found, findResource } from './resources.ts';

export function deploymentRoutes(route: Declare): void {
  route('POST', '/deployments', 'deployment.create', create);
  route('POST', '/resources/:resourceKey/deletion', 'deployment.delete', remove);
  route('GET', '/resources/:resourceKey', 'deployment.read', (call) => find(call).answer);
  route('GET', '/resources/:resourceKey/content', 'deployment.read', (call) => {
    return new Raw('text/plain; charset=utf-8', bytesOf(find(call).resource));
  });
}

function find({ engine, params }: Call): Found {
  const { resourceKey = '' } = params as { readonly resourceKey?: string };
  return findResource(engine, readResourceKey(resourceKey, 'resourceKey'), resourceKey);
}

async function create(call: Call): Promise<DeploymentAnswer> {
  const { request } = call;
  if (!request.isMultipart())
    throw new Problem(
      'UNSUPPORTED_MEDIA_TYPE',
      "A deployment must be multipart/form-data with a part 'resources' for each file",
    );
  const files: NamedFile[] = [];
  let tenantId: string | null = null;
  for (const { name, filename, content } of await readForm(request)) {
    if (name === 'tenantId') tenantId = readTenant(content.toString());
    else if (name !== 'resources')
      throw invalid(`The parts of a deployment must be called 'resources' or 'tenantId', but one is called '${name}'`);
    else files.push({ name: filename ?? '', content });
  }
  return deployFiles(call, readFiles(files), tenantId);
}

async function remove(call: Call): Promise<{ readonly resourceKey: string; readonly batchOperation: null }> {
  const { body, params } = call;
  const { resourceKey = '' } = params as { readonly resourceKey?: string };
  if (new Members(body).optionalFlag('deleteHistory') === true) throw notServed("'deleteHistory'");
  const key = readResourceKey(resourceKey, 'resourceKey');
  if (key.kind === 'definition') permit(call.kernel, call.request, 'processDefinition.delete');
  await deleteResource(call, key, resourceKey);
  return { resourceKey, batchOperation: null };
}
