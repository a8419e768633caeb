/** When there is nobody to answer any more. */
import type { Call } from '../call.ts';

/** Aborts when the client hangs up before it was answered, or the server closes. */
export function goneOrClosing({ reply, closing }: Pick<Call, 'reply' | 'closing'>): AbortSignal {
  const gone = new AbortController();
  if (reply.raw.destroyed) gone.abort();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return AbortSignal.any([closing, gone.signal]);
}
