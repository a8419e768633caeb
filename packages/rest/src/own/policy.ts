/** `/api/policy`: what the owner lets processes use beside what they declare, and `/proc/<pid>/caps`: what is left. */
import { type CapabilityDetail, capabilityLines, type PolicyDetail } from '@procos/protocol';
import type { Call } from '../call.ts';
import { ApiRefusal, rejected } from './errors.ts';
import { optionalInstant } from './instants.ts';
import { optionalText } from './parameters.ts';
import { pidOf } from './pids.ts';

export function policyDetail({ engine }: Call): PolicyDetail {
  const { rules, by, why, at } = engine.policy();
  return { rules, by, why, at: optionalInstant(at) };
}

export async function setPolicy({ engine, by, body }: Call): Promise<{ readonly tasks: number }> {
  const outcome = await engine.setPolicy({ rules: body['rules'] }, optionalText(body, 'why') ?? '', by);
  if (!outcome.ok) throw rejected(outcome.rejection);
  return outcome.value;
}

/** The effective set, then each part of it with where it comes from. */
export function capabilities(call: Call): CapabilityDetail {
  const pid = call.params['pid'] ?? '';
  const found = call.engine.capabilitiesOf(pidOf(call, pid));
  if (found === undefined)
    throw new ApiRefusal(404, 'NOT_FOUND', `Process ${pid} does not run: only running processes have capabilities.`);
  const { effective, parts } = found;
  return {
    effective,
    parts: parts.map(({ from, bpmnProcessId, definitionId, why, set }) => ({
      from,
      bpmnProcessId,
      definitionId: String(definitionId),
      ...(why === undefined ? {} : { why }),
      set,
    })),
  };
}

export function capabilityText({ effective, parts }: CapabilityDetail): string[] {
  return [
    ...capabilityLines(effective),
    ...parts.map(({ from, bpmnProcessId, definitionId, why }) =>
      [`# from the ${from}`, bpmnProcessId, definitionId, ...(why === undefined ? [] : [why])].join(' '),
    ),
  ];
}
