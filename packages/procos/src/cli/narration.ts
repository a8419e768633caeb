/** What a person who waits wants to read of the feed: few lines, and elements by the names they are drawn with. */
import type { ProcosClient } from '@procos/client';
import type { FeedEvent } from '@procos/protocol';

/** How a step is done inside; shown only when everything is asked for. */
const INNER = new Set([
  'elementCompleted',
  'elementCompleting',
  'elementWaiting',
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
  'loopInstanceStarted',
  'messageRemoved',
  'rootDesignated',
]);

export class Narration {
  readonly #client: ProcosClient;
  readonly #all: boolean;
  /** By process id and element id. */
  readonly #names = new Map<string, string | null>();

  constructor(client: ProcosClient, all: boolean) {
    this.#client = client;
    this.#all = all;
  }

  /** The line for an event; undefined when it is not worth one. */
  async line(event: FeedEvent): Promise<string | undefined> {
    if (!this.#all && INNER.has(event.type)) return undefined;
    const { elementId, pid, text } = event;
    if (elementId === undefined || pid === undefined) return text;
    const name = await this.#nameOf(pid, elementId);
    return name === null ? text : text.replace(elementId, () => `"${name}"`);
  }

  async #nameOf(pid: string, elementId: string): Promise<string | null> {
    const key = `${pid} ${elementId}`;
    if (!this.#names.has(key)) {
      this.#names.set(key, null);
      const { elements } = await this.#client.process(pid);
      for (const row of elements) this.#names.set(`${pid} ${row.elementId}`, row.elementName);
    }
    return this.#names.get(key) ?? null;
  }
}
