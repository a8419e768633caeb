/** `/metrics`: how much was done, and when. */
import type { ProcessEngine } from '@procos/kernel';
import type { Call, Declare } from '../../call.ts';
import { formatDate, parseDateParameter } from '../dates.ts';
import { invalid, unsupported } from '../errors.ts';
import { whole } from '../list-query.ts';
import { type Counted, INTERVAL_MS, type Interval, MetricsCounter } from './counter.ts';

/** One for each engine that was ever asked. */
const counters = new WeakMap<ProcessEngine, MetricsCounter>();

/** Camunda's names, old and new. */
const COUNTED: Readonly<Record<string, Counted>> = {
  'activity-instance-start': 'activity-instance-start',
  'flow-node-instances': 'activity-instance-start',
  'activity-instance-end': 'activity-instance-end',
  'process-instances': 'process-instances',
  'root-process-instance-start': 'process-instances',
  'decision-instances': 'executed-decision-instances',
  'executed-decision-instances': 'executed-decision-instances',
  'job-successful': 'job-successful',
  'job-failed': 'job-failed',
  'history-cleanup-removed-process-instances': 'history-cleanup-removed-process-instances',
};
/** There is no executor that acquires jobs, and there are no cases: nothing of that ever happens. */
const NEVER: ReadonlySet<string> = new Set([
  'job-acquisition-attempt',
  'job-acquired-success',
  'job-acquired-failure',
  'job-execution-rejected',
  'job-locked-exclusive',
  'history-cleanup-removed-case-instances',
]);
const WORKERS: ReadonlySet<string> = new Set(['unique-task-workers', 'task-users']);
/** Intervals of one answer, as in Camunda. */
const MOST_ROWS = 200;

export function metricsRoutes(route: Declare): void {
  route('GET', '/metrics', 'record.read', list);
  route('GET', '/metrics/:name/sum', 'record.read', async (call) => {
    const name = call.params['name'] ?? '';
    const intervals = await within(call);
    if (WORKERS.has(name)) return { result: new Set(intervals.flatMap(({ workers }) => [...workers])).size };
    return { result: intervals.reduce((sum, interval) => sum + countOf(interval, name), 0) };
  });
}

/** The newest interval first. */
async function list(call: Call): Promise<readonly unknown[]> {
  const { query } = call;
  const { seconds = INTERVAL_MS / 1_000 } = whole(call, 'interval', 'seconds');
  if (seconds <= 0) throw invalid("Query parameter 'interval' must be greater than 0");
  if (query['reporter'] !== undefined && query['reporter'] !== REPORTER) return [];
  const names = query['name'] === undefined ? Object.keys(COUNTED) : [String(query['name'])];
  const lengthMs = Math.max(seconds * 1_000, INTERVAL_MS);
  const sums = new Map<string, { readonly from: number; readonly name: string; value: number }>();
  for (const interval of await within(call)) {
    for (const name of names) {
      const value = countOf(interval, name);
      if (value === 0) continue;
      const from = Math.floor(interval.from / lengthMs) * lengthMs;
      const key = `${from} ${name}`;
      const sum = sums.get(key) ?? { from, name, value: 0 };
      sum.value += value;
      sums.set(key, sum);
    }
  }
  const { first = 0 } = whole(call, 'firstResult', 'first');
  const { most = MOST_ROWS } = whole(call, 'maxResults', 'most');
  return [...sums.values()]
    .sort((left, right) => right.from - left.from)
    .slice(first, first + Math.min(most, MOST_ROWS))
    .map(({ from, name, value }) => ({ timestamp: formatDate(from), name, reporter: REPORTER, value }));
}

const REPORTER = 'procos';

async function within({ kernel, query }: Call): Promise<readonly Interval[]> {
  const { engine } = kernel;
  const counter = counters.get(engine) ?? new MetricsCounter(engine);
  counters.set(engine, counter);
  const bound = (name: string, otherwise: number): number =>
    query[name] === undefined ? otherwise : parseDateParameter(name, String(query[name]));
  const [start, end] = [bound('startDate', 0), bound('endDate', Number.POSITIVE_INFINITY)];
  return (await counter.intervals()).filter(({ from }) => from + INTERVAL_MS > start && from < end);
}

function countOf({ counts }: Interval, name: string): number {
  const counted = Object.hasOwn(COUNTED, name) ? COUNTED[name] : undefined;
  if (counted !== undefined) return counts.get(counted) ?? 0;
  if (NEVER.has(name)) return 0;
  throw unsupported(`Metric '${name}'`);
}
