/** An element of the executable graph, as both faces look at it. */
import type { ProcessModel } from '@procos/kernel';

export type ModelElement = ProcessModel['elements'][string];
