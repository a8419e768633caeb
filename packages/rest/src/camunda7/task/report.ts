/** `/task/report/candidate-group-count`: how many tasks each group could take. */
import type { Call, Declare } from '../../call.ts';

export function taskReportRoutes(route: Declare): void {
  route('GET', '/task/report/candidate-group-count', 'userTask.read', byCandidateGroup);
}

/** Tasks without a candidate group count under null. */
function byCandidateGroup({ engine }: Call): readonly unknown[] {
  const counts = new Map<string | null, number>();
  for (const { candidateGroups } of engine.find('userTasks'))
    for (const group of candidateGroups.length === 0 ? [null] : candidateGroups)
      counts.set(group, (counts.get(group) ?? 0) + 1);
  return [...counts].map(([groupName, taskCount]) => ({ groupName, taskCount }));
}
