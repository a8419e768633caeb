/** Where lies what building has read of the shipped models. In the place of this module building puts one that knows. */
export const BUILT_MODELS: URL | undefined = undefined;
