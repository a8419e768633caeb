/** Which steps go on by themselves after they have failed. */
import type { Step } from '@procos/kernel';

/** What has failed and will be tried again by itself. */
export function isRetry(step: Step | null): boolean {
  return step !== null && 'failures' in step && (step.failures ?? 0) > 0;
}
