/** What a person who waits wants to read of the feed: few lines. */
import type { FeedEvent } from '@procos/protocol';

/** How a step is done inside; shown only when everything is asked for. */
const INNER = new Set([
  'elementCompleted',
  'variablesSet',
  'variablesRemoved',
  'externalTaskCreated',
  'externalTaskLocked',
  'externalTaskUnlocked',
  'externalTaskLockExtended',
  'externalTaskCompleted',
  'subscriptionOpened',
  'subscriptionClosed',
  'timerCanceled',
  'loopPrepared',
  'messageRemoved',
  'rootDesignated',
]);

/** The line for an event; undefined when it is not worth one. */
export function narrate(event: FeedEvent, all: boolean): string | undefined {
  return all || !INNER.has(event.type) ? event.text : undefined;
}
