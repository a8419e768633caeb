/** `procos.bundle.check` and `procos.bundle.unpack`: what is between a bundle that was handed in and the draft of its files. */
import { jsonOf, type PolicyRule, rulesMissing, ruleText } from '@procos/bpmn';
import { declaredBy, refuseOtherDeclaration, resourcesOf } from '../bundle/declares.ts';
import { type Bundle, readBundle } from '../bundle/file.ts';
import { trustedKeys } from '../bundle/keys.ts';
import { BundleRefused } from '../bundle/refusal.ts';
import type { BundleSettings } from '../bundle/settings.ts';
import { summaryOf } from '../deployment/difference.ts';
import { type Draft, keepDraft } from '../deployment/draft.ts';
import { bytesOf } from '../deployment/resource.ts';
import type { DeployRequest } from '../process-engine.ts';
import { Hopeless, type SystemCall } from './contract.ts';
import { type DeploymentNeeds, differencesOf, draftOf } from './deployment.ts';

export interface BundleNeeds extends Pick<DeploymentNeeds, 'engine' | 'readProcesses'> {
  readonly bundles: BundleSettings;
}

/** A bundle, and whether it may be installed as things stand. */
interface Opened {
  readonly bundle: Bundle;
  /** Name of the trusted key that has signed it; null: none has. */
  readonly trustedAs: string | null;
  readonly request: DeployRequest;
  /** Rules of policy that it proposes. */
  readonly policy: readonly PolicyRule[];
}

/** Both act in the name of who handed the bundle in, and for nobody else. */
export function bundleCalls({ engine, readProcesses, bundles }: BundleNeeds): readonly SystemCall[] {
  /** Throws `BundleRefused`. */
  async function open(draft: Draft): Promise<Opened> {
    const [file, ...more] = draft.request.resources;
    if (file === undefined || more.length > 0)
      throw new BundleRefused('BUNDLE_FORMAT', 'A bundle is handed in as the one file of its draft.');
    const bundle = readBundle(bytesOf(file));
    const trustedAs = await nameOf(bundle.signer);
    if (trustedAs === null && bundles.unknown === 'refuse') throw untrusted(bundle.signer, bundles.trustedKeys);
    const resources = resourcesOf(bundle.files);
    const declared = await declaredBy(resources);
    refuseOtherDeclaration(bundle.manifest, declared);
    const { name, version } = bundle.manifest;
    const request = { ...draft.request, name: `${name} ${version}`, resources };
    return { bundle, trustedAs, request, policy: declared.policy };
  }

  async function nameOf(signer: string | null): Promise<string | null> {
    const keys = signer === null ? [] : await trustedKeys(bundles.trustedKeys);
    return keys.find(({ id }) => id === signer)?.name ?? null;
  }

  return [
    {
      topic: 'procos.bundle.check',
      async run(task) {
        const draft = draftOf(engine(), task, 'bundle');
        try {
          const { bundle, trustedAs, request, policy } = await open(draft);
          const { refused, findings } = await engine().check(request, draft.by);
          const difference = await differencesOf(request, { engine: engine(), readProcesses });
          const { manifest, signer } = bundle;
          return {
            variables: {
              ...NOTHING,
              refused,
              manifest: jsonOf(manifest),
              signer,
              trusted: trustedAs !== null,
              trusted_as: trustedAs,
              findings: jsonOf(findings),
              difference: jsonOf(difference),
              summary: [summaryOf(difference), ...proposals(rulesMissing(engine().policy(), policy))].join('\n').trim(),
            },
          };
        } catch (error) {
          if (!(error instanceof BundleRefused)) throw error;
          return { variables: { ...NOTHING, refused: true, code: error.code, reason: error.message } };
        }
      },
    },
    {
      topic: 'procos.bundle.unpack',
      async run(task) {
        const draft = draftOf(engine(), task, 'bundle');
        const { bundle, trustedAs, request } = await open(draft).catch((error: unknown) => {
          throw error instanceof BundleRefused ? new Hopeless(error.message) : error;
        });
        // What the model says does not count for more than what a person has said at the task that is drawn for it.
        if (trustedAs === null && task.input('approved') !== true)
          throw new Hopeless(untrusted(bundle.signer, bundles.trustedKeys).message);
        const { externalTaskId } = task.holder;
        const key = { key: `system call ${externalTaskId}`, fingerprint: String(task.input('bundle')) };
        const outcome = await keepDraft(engine(), request, draft.by, key);
        if (!outcome.ok) throw new Hopeless(outcome.rejection.message);
        return { variables: { draft: String(outcome.value.deploymentId) } };
      },
    },
  ];
}

const NOTHING = {
  code: null,
  reason: null,
  manifest: null,
  signer: null,
  trusted: false,
  trusted_as: null,
  findings: [],
  difference: [],
  summary: '',
} as const;

function proposals(rules: readonly PolicyRule[]): string[] {
  return rules.map((rule) => `proposes a rule of policy, which does not hold by this: ${ruleText(rule)}`);
}

function untrusted(signer: string | null, folder: string): BundleRefused {
  const who =
    signer === null ? 'The bundle is not signed' : `The bundle is signed with key ${signer}, which nobody here trusts`;
  return new BundleRefused(
    'BUNDLE_UNTRUSTED',
    `${who}. The owner of this system may put the public key into ${folder}, or have a person asked (setting unknown-bundles).`,
  );
}
