/** `/history/cleanup`: the process of the system that takes old history away, its timer, and how it is started by hand. */
import type { Call, Declare } from '../../call.ts';
import { formatDate } from '../dates.ts';
import { invalid, notFound, rejected } from '../errors.ts';
import { type Job, listJobs, writeJobs } from '../job/jobs.ts';

const RETENTION = 'procos_system_retention';

export function cleanupRoutes(route: Declare): void {
  route('POST', '/history/cleanup', 'system.run', cleanUp, { query: ['immediatelyDue'] });
  route('GET', '/history/cleanup/configuration', 'history.read', configuration);
  route('GET', '/history/cleanup/jobs', 'history.read', (call) => writeJobs(call.engine, found(call)));
  route('GET', '/history/cleanup/job', 'history.read', (call) => writeJobs(call.engine, found(call))[0]);
}

/** At once, in the name of who asks; else when it is due anyway. Answers the timer, whose time stays as it is. */
async function cleanUp(call: Call): Promise<unknown> {
  const { engine, query, by } = call;
  const [job] = timers(call);
  if (job === undefined)
    throw invalid(`History cleanup is not scheduled: the process ${RETENTION} that is deployed has no timer`);
  if (query['immediatelyDue'] !== 'false') {
    const definition = { bpmnProcessId: RETENTION, tenantId: null };
    const outcome = await engine.submit({ type: 'createProcessInstance', definition, variables: {} }, by);
    if (!outcome.ok) throw rejected(outcome.rejection);
  }
  return writeJobs(engine, [job])[0];
}

/** It begins when its timer is due, and has no time by which it must have ended. */
function configuration(call: Call): unknown {
  const [job] = timers(call);
  const batchWindowStartTime = job === undefined || job.dueAt === null ? null : formatDate(job.dueAt);
  return { batchWindowStartTime, batchWindowEndTime: null, enabled: job !== undefined && !job.suspended };
}

function found(call: Call): readonly Job[] {
  const jobs = timers(call);
  if (jobs.length === 0) throw notFound('History cleanup job does not exist');
  return jobs;
}

/** That of the version that is active; those inside its instances are none of them. */
function timers({ engine }: Call): readonly Job[] {
  const body = { processDefinitionKey: RETENTION, timers: true };
  return listJobs({ engine, query: {}, body }).filter(({ processInstanceId }) => processInstanceId === null);
}
