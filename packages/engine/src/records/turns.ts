/** Whose turn it is where several wait: between tenants first, then between their processes. */

/** All that waits for one process of a tenant. */
export interface Flow {
  readonly tenantId: string | null;
  readonly bpmnProcessId: string;
}

/** Remembers who had a turn before, from one command to the next. What is chosen is in the log, so no state depends on it. */
export interface TurnTaking {
  /** One of them, none of which is twice there; not empty. */
  next(waiting: readonly Flow[]): Flow;
}
