/** Everything about who asks, put together. */
import type { State } from '@procos/engine';
import { createGate } from '../gate.ts';
import type { Gate } from '../kernel-port.ts';
import { Access, type AccessOptions, type Authentication } from './access.ts';
import { Directory } from './directory.ts';
import { FourEyes } from './four-eyes.ts';
import { IdentityRequests, type RequestsOptions } from './requests.ts';

export interface Identity {
  /** Proves who asks. */
  readonly access: Access;
  readonly directory: Directory;
  readonly fourEyes: FourEyes;
  /** Takes changes in. */
  readonly requests: IdentityRequests;
}

export interface IdentityOptions extends Pick<RequestsOptions, 'engine' | 'submit'>, Pick<AccessOptions, 'onWrong'> {
  readonly authentication: Authentication;
  /** Reads the identities as they are now. */
  readonly read: <R>(ask: (identities: State['identities']) => R) => R;
  /** Ms since the epoch. */
  readonly now: () => number;
}

export function createIdentity(options: IdentityOptions): Identity & { readonly gate: Gate } {
  const { authentication, read, now, engine, submit } = options;
  const directory = new Directory(read);
  const gate = createGate({ authentication }, directory);
  const access = new Access({ authentication, directory, now, ...(options.onWrong && { onWrong: options.onWrong }) });
  const fourEyes = new FourEyes({ directory, authentication, gate });
  const requests = new IdentityRequests({ access, directory, identities: () => read((rows) => rows), engine, submit });
  return { access, directory, fourEyes, requests, gate };
}
