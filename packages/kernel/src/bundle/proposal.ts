/** The rules of policy that a bundle proposes. They come with it and never hold by it: a person adopts them, or does not. */
import { type Policy, type PolicyRule, policyProblems } from '@procos/bpmn';
import type { DeployedResource } from '@procos/engine';
import { bytesOf } from '../deployment/resource.ts';
import { BundleRefused } from './refusal.ts';

/** In the outermost folder of the bundle. */
export const PROPOSED_POLICY = 'procos-policy.json';

/** Throws `BundleRefused` for a proposal that could not be adopted. */
export function proposedRules(resources: readonly DeployedResource[]): readonly PolicyRule[] {
  const file = resources.find(({ name }) => name === PROPOSED_POLICY);
  if (file === undefined) return [];
  const value = parsed(bytesOf(file).toString());
  const problems = policyProblems(value);
  if (problems.length === 0) return (value as Policy).rules;
  throw new BundleRefused('BUNDLE_POLICY', `${PROPOSED_POLICY} proposes no policy. ${problems.join(' ')}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
