/** What an operation needs besides its request, whichever gateway it came through (REST or gRPC). */
import type { Call } from '../call.ts';

export type Asked = Pick<Call, 'kernel' | 'engine' | 'engineFor' | 'by' | 'repeated' | 'kept' | 'keep' | 'changeId'>;
