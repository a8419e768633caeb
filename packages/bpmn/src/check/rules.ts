/** The rules of the deploy check that look at the parsed tree. */
import { adHoc } from './ad-hoc.ts';
import { boundaryEvents } from './boundary-events.ts';
import { calledDecisions } from './called-decisions.ts';
import { calledElements } from './called-elements.ts';
import { compensation, compensationStarts } from './compensation.ts';
import { conditionalEvents } from './conditional-events.ts';
import { conditions } from './conditions.ts';
import type { Rule } from './contract.ts';
import { correlationKeys } from './correlation-keys.ts';
import { danglingFlows } from './dangling-flows.ts';
import { decisions } from './decisions.ts';
import { duplicateCatches } from './duplicate-catches.ts';
import { eventGateways } from './event-gateways.ts';
import { eventReferences } from './event-references.ts';
import { eventSubProcesses } from './event-sub-processes.ts';
import { flowDirections } from './flow-directions.ts';
import { ignoredSettings } from './ignored-settings.ts';
import { instantiating } from './instantiating.ts';
import { links } from './links.ts';
import { listeners } from './listeners.ts';
import { loopBehavior } from './loop-behavior.ts';
import { loops } from './loops.ts';
import { mappingNames } from './mapping-names.ts';
import { missingIds } from './missing-ids.ts';
import { missingTopics } from './missing-topics.ts';
import { scripts } from './scripts.ts';
import { security } from './security.ts';
import { servedTopics } from './served-topics.ts';
import { startEvents } from './start-events.ts';
import { timers } from './timers.ts';
import { transactions } from './transactions.ts';
import { unsupportedElements } from './unsupported-elements.ts';
import { unsupportedEvents } from './unsupported-events.ts';
import { unsupportedExtensions } from './unsupported-extensions.ts';
import { unsupportedImplementations } from './unsupported-implementations.ts';

export const RULES: readonly Rule[] = [
  missingIds,
  startEvents,
  eventSubProcesses,
  boundaryEvents,
  danglingFlows,
  flowDirections,
  decisions,
  eventGateways,
  eventReferences,
  timers,
  correlationKeys,
  missingTopics,
  servedTopics,
  calledElements,
  calledDecisions,
  scripts,
  loops,
  loopBehavior,
  conditions,
  listeners,
  duplicateCatches,
  links,
  compensation,
  compensationStarts,
  transactions,
  adHoc,
  conditionalEvents,
  instantiating,
  mappingNames,
  unsupportedElements,
  unsupportedEvents,
  unsupportedImplementations,
  unsupportedExtensions,
  ignoredSettings,
  security,
];
