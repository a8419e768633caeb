/** What an owner says about bundles. */

/** Folder of the public keys that are trusted, in the data folder, where no other is set. */
export const TRUSTED_KEYS = 'trusted-keys';

export interface BundleSettings {
  /** Absolute path of a folder of public keys (`*.pub`, PEM), read anew for every bundle. */
  readonly trustedKeys: string;
  /** A bundle that no trusted key has signed: is refused, or a person is asked. */
  readonly unknown: 'refuse' | 'ask';
}
