/** Why a bundle is not taken. */
export class BundleRefused extends Error {
  override readonly name = 'BundleRefused';
  readonly code:
    | 'BUNDLE_DAMAGED'
    | 'BUNDLE_DECLARES'
    | 'BUNDLE_FORMAT'
    | 'BUNDLE_KEY'
    | 'BUNDLE_NAME'
    | 'BUNDLE_POLICY'
    | 'BUNDLE_SIGNATURE'
    | 'BUNDLE_TOO_LARGE'
    | 'BUNDLE_UNTRUSTED';

  constructor(code: BundleRefused['code'], message: string) {
    super(message);
    this.code = code;
  }
}
