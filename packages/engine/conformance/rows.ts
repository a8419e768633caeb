/** All rows of the support matrix, in the order of the document. */
import type { Row } from './row.ts';
import { activityRows } from './rows/activities.ts';
import { callRows } from './rows/calls.ts';
import { camunda7Rows } from './rows/camunda7.ts';
import { camunda7PeopleRows } from './rows/camunda7-people.ts';
import { camunda8Rows } from './rows/camunda8.ts';
import { dataRows } from './rows/data.ts';
import { faultRows } from './rows/faults.ts';
import { gateways } from './rows/gateways.ts';
import { loopRows } from './rows/loops.ts';
import { misplacedEvents } from './rows/misplaced-events.ts';
import { nodeRows } from './rows/nodes.ts';
import { receivedEvents } from './rows/received-events.ts';
import { scopeRows } from './rows/scopes.ts';
import { taskRows } from './rows/tasks.ts';
import { thrownEvents } from './rows/thrown-events.ts';

export const ROWS: readonly Row[] = [
  ...receivedEvents,
  ...thrownEvents,
  ...misplacedEvents,
  ...gateways,
  ...taskRows,
  ...scopeRows,
  ...callRows,
  ...loopRows,
  ...activityRows,
  ...nodeRows,
  ...faultRows,
  ...dataRows,
  ...camunda7Rows,
  ...camunda7PeopleRows,
  ...camunda8Rows,
];
