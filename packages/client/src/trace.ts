/**
 * Trace context (W3C Trace Context 1) across a process: it travels as the process variables `traceparent` and `tracestate`, because a
 * process outlives every request. So it is kept, goes where the model maps variables, and reaches workers with their task, also
 * on a Camunda. Requests carry it as headers, too.
 */
import type { PlainValues } from './values.ts';

export interface TraceContext {
  /** `00-{trace id}-{span id}-{flags}`. */
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** Names of the variables, and of the headers. */
export const TRACE_NAMES: readonly string[] = ['traceparent', 'tracestate'];

/** Version 00 and what later ones begin with; ids of zeros are none. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/;
const MOST_STATE = 512;

/** What headers or variables say; undefined where that is no trace context: it is ignored, as the standard asks for. */
export function readTrace(values: PlainValues): TraceContext | undefined {
  const { traceparent, tracestate } = values;
  if (typeof traceparent !== 'string' || !TRACEPARENT.test(traceparent)) return undefined;
  const isState = typeof tracestate === 'string' && tracestate !== '' && tracestate.length <= MOST_STATE;
  return isState && /^[\x20-\x7e]+$/.test(tracestate) ? { traceparent, tracestate } : { traceparent };
}
