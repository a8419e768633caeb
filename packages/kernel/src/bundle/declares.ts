/** What the files of a bundle declare: read from the models themselves. */
import { capabilityDifference, type PolicyRule, type Problem, readDecisions, readProcesses } from '@procos/bpmn';
import type { DeployedResource } from '@procos/engine';
import { resourceOf } from '../deployment/resource.ts';
import type { BundleDeclares, BundleFile } from './file.ts';
import { proposedRules } from './proposal.ts';
import { BundleRefused } from './refusal.ts';

/** As they are deployed. Throws `BundleRefused` for a file that is not text in the encoding that it names. */
export function resourcesOf(files: readonly BundleFile[]): DeployedResource[] {
  return files.map(({ name, bytes }) => {
    const read = resourceOf(name, bytes);
    if (read !== undefined) return read;
    throw new BundleRefused(
      'BUNDLE_DAMAGED',
      `${name} cannot be read: it is not text in the encoding that it declares.`,
    );
  });
}

/** With the rules that it proposes, and what is wrong with the models; files in the order given. The same for everybody: settings of a system count only when it checks. */
export async function declaredBy(resources: readonly DeployedResource[]): Promise<
  BundleDeclares & {
    readonly policy: readonly PolicyRule[];
    readonly findings: readonly { readonly resource: string; readonly problems: readonly Problem[] }[];
  }
> {
  const processes: BundleDeclares['processes'][number][] = [];
  const decisions: BundleDeclares['decisions'][number][] = [];
  const findings: { resource: string; problems: readonly Problem[] }[] = [];
  for (const { name, content } of resources) {
    if (/\.(bpmn|xml)$/i.test(name)) {
      const read = await readProcesses(content);
      findings.push({ resource: name, problems: read.problems });
      for (const { bpmnProcessId, capabilities } of read.processes) {
        const { declares, added } = capabilityDifference(undefined, capabilities ?? null);
        processes.push({ id: bpmnProcessId, file: name, capabilities: declares ? added : null });
      }
    }
    if (/\.dmn$/i.test(name)) {
      const { model, problems } = readDecisions(content);
      findings.push({ resource: name, problems });
      for (const { id } of model?.decisions ?? []) decisions.push({ id, file: name });
    }
  }
  const policy = proposedRules(resources);
  return { processes, decisions, policy, findings: findings.filter(({ problems }) => problems.length > 0) };
}

/** Whoever reads the manifest before an installation must not be told something else than what is installed. */
export function refuseOtherDeclaration(said: BundleDeclares, found: BundleDeclares): void {
  const text = ({ processes, decisions }: BundleDeclares) => JSON.stringify([processes, decisions]);
  if (text(said) === text(found)) return;
  throw new BundleRefused(
    'BUNDLE_DECLARES',
    'The manifest declares other processes, decisions or capabilities than its files do: pack it anew with procos pack of this version.',
  );
}
