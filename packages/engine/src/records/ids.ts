/** Identities. One ascending counter for the whole store; a flavour keeps one kind from passing for another. */

type Flavour<K extends string> = number & { readonly __kind?: K };

export type DeploymentId = Flavour<'deployment'>;
export type DefinitionId = Flavour<'definition'>;
export type DecisionDefinitionId = Flavour<'decisionDefinition'>;
export type ProcessInstanceId = Flavour<'processInstance'>;
/** The root scope of an instance has the id of the instance itself. */
export type ElementInstanceId = Flavour<'elementInstance'> | ProcessInstanceId;
export type ExternalTaskId = Flavour<'externalTask'>;
export type UserTaskId = Flavour<'userTask'>;
export type TimerId = Flavour<'timer'>;
export type TopicServerId = Flavour<'topicServer'>;
export type SubscriptionId = Flavour<'subscription'>;
export type MessageId = Flavour<'message'>;
export type IncidentId = Flavour<'incident'>;
export type AnswerId = Flavour<'answer'>;
export type IdentityId = Flavour<'identity'>;
export type ControlId = Flavour<'control'>;
export type NoteId = Flavour<'note'>;
export type TaskFilterId = Flavour<'taskFilter'>;

/** Gives the next identity; the store persists how far it got, together with the record that used them. */
export interface IdSource {
  next(): number;
}

/** By what a request is known again when it comes a second time. */
export interface RequestKey {
  /** Chosen by who asks; unique among all requests of all who ask. */
  readonly key: string;
  /** Of everything the request consists of: another request must not come with the same key. */
  readonly fingerprint: string;
}

/** Who asks: shown in the audit, asked about by the gate. */
export interface Subject {
  readonly kind: 'kernel' | 'worker' | 'user' | 'anonymous';
  readonly id: string;
}
