/** All rows of the support matrix, in the order of the document. */
import type { Row } from './row.ts';
import { activityRows } from './rows/activities.ts';
import { callRows } from './rows/calls.ts';
import { camunda7Implementations } from './rows/camunda7-implementations.ts';
import { camunda7Jobs } from './rows/camunda7-jobs.ts';
import { camunda7Listeners } from './rows/camunda7-listeners.ts';
import { camunda7PeopleRows } from './rows/camunda7-people.ts';
import { camunda8Jobs } from './rows/camunda8-jobs.ts';
import { camunda8Messages } from './rows/camunda8-messages.ts';
import { camunda8People } from './rows/camunda8-people.ts';
import { compensationRows } from './rows/compensation.ts';
import { dataRows } from './rows/data.ts';
import { errorRows } from './rows/errors.ts';
import { gateways } from './rows/gateways.ts';
import { loopRows } from './rows/loops.ts';
import { misplacedEvents } from './rows/misplaced-events.ts';
import { nodeRows } from './rows/nodes.ts';
import { receivedEvents } from './rows/received-events.ts';
import { scopeRows } from './rows/scopes.ts';
import { taskRows } from './rows/tasks.ts';
import { thrownEvents } from './rows/thrown-events.ts';
import { waitingGateways } from './rows/waiting-gateways.ts';

export const ROWS: readonly Row[] = [
  ...receivedEvents,
  ...thrownEvents,
  ...misplacedEvents,
  ...gateways,
  ...waitingGateways,
  ...taskRows,
  ...scopeRows,
  ...callRows,
  ...loopRows,
  ...activityRows,
  ...nodeRows,
  ...errorRows,
  ...compensationRows,
  ...dataRows,
  ...camunda7Jobs,
  ...camunda7Implementations,
  ...camunda7Listeners,
  ...camunda7PeopleRows,
  ...camunda8Jobs,
  ...camunda8People,
  ...camunda8Messages,
];
