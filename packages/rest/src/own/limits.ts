/** `/api/limits`: what owners allow definitions, tenants and processes, and how soon these get their turn. */
import { type CommandOf, type Control, LIMIT_KINDS, type LimitKind, type Owned } from '@procos/kernel';
import type { OwnerLimits, ProcessLimit, ProcessLimits } from '@procos/protocol';
import type { Call, JsonObject } from '../call.ts';
import { rejected } from './errors.ts';
import { instant } from './instants.ts';
import { optionalObject, optionalText, optionalWhole, requiredText, wrong } from './parameters.ts';
import { knownPid, noProcess, pidOf } from './pids.ts';

export function processLimits(call: Call): ProcessLimits {
  return limitsOf(call, knownPid(call));
}

/** Beside what may be changed also the settings of the kernel that only a restart changes. */
export function limitsOf({ engine, kernel }: Call, processInstanceId: number): ProcessLimits {
  const held = engine.limitsOf(processInstanceId);
  const bounds = (held?.bounds ?? []).map(({ kind, value, from, owned }): ProcessLimit => {
    const used = held?.used[kind];
    return {
      limit: kind,
      value,
      ...(used === undefined ? {} : { used }),
      from,
      ...(owned === undefined ? {} : setBy(owned)),
    };
  });
  const named = new Set(bounds.map(({ limit }) => limit));
  const settings = Object.entries(kernel.status().limits)
    .filter(([limit]) => !named.has(limit))
    .map(([limit, value]): ProcessLimit => ({ limit, value, from: 'settings' }));
  return { limits: [...settings, ...bounds], nice: held?.nice ?? 0 };
}

function setBy({ by, at, reason }: Owned): Pick<ProcessLimit, 'by' | 'at' | 'reason'> {
  return { by, at: instant(at), reason };
}

export function listLimits({ engine }: Call): readonly OwnerLimits[] {
  return engine.find('controls').map(describe);
}

function describe({ target, limits, nice, living, minute, ai }: Control): OwnerLimits {
  const used: { readonly [kind in LimitKind]?: number | undefined } = {
    instances: living,
    startsPerMinute: minute?.starts,
    aiTokensPerDay: ai?.tokens,
    aiCostPerDay: ai?.cost,
  };
  const process = target.kind === 'definition' ? target : undefined;
  const from = process === undefined ? 'tenant' : process.version === null ? 'definition' : 'version';
  return {
    bpmnProcessId: process?.bpmnProcessId ?? null,
    version: process?.version ?? null,
    tenantId: target.tenantId,
    limits: LIMIT_KINDS.flatMap((kind): ProcessLimit[] => {
      const owned = limits[kind];
      if (owned === undefined) return [];
      const count = used[kind];
      return [
        { limit: kind, value: owned.value, ...(count === undefined ? {} : { used: count }), from, ...setBy(owned) },
      ];
    }),
    nice: nice?.value ?? null,
  };
}

export async function setLimits(call: Call): Promise<undefined> {
  const { body, engine, by } = call;
  const nice = body['nice'];
  if (nice !== undefined && nice !== null && typeof nice !== 'number') throw wrong('Member nice must be a number.');
  const outcome = await engine.submit(
    {
      type: 'setLimits',
      target: targetOf(call, body),
      limits: valuesOf(body),
      ...(nice === undefined ? {} : { nice }),
      reason: requiredText(body, 'reason'),
    },
    by,
  );
  if (!outcome.ok) throw rejected(outcome.rejection);
  return undefined;
}

function valuesOf(body: JsonObject): NonNullable<CommandOf<'setLimits'>['limits']> {
  const values = optionalObject(body, 'limits');
  for (const [name, value] of Object.entries(values))
    if (value !== null && typeof value !== 'number') throw wrong(`Limit ${name} must be a number, or null for none.`);
  // Names and values are checked by the engine.
  return values as { readonly [kind in LimitKind]?: number | null };
}

function targetOf(call: Call, body: JsonObject): CommandOf<'setLimits'>['target'] {
  const pid = optionalText(body, 'pid');
  const bpmnProcessId = optionalText(body, 'bpmnProcessId');
  const tenantId = optionalText(body, 'tenantId');
  const version = optionalWhole(body, 'version');
  if (pid !== undefined) {
    if (bpmnProcessId !== undefined || tenantId !== undefined || version !== undefined)
      throw wrong('Name a pid, or a bpmnProcessId, or a tenantId.');
    const processInstanceId = pidOf(call, pid);
    if (call.engine.count('processInstances', { where: [{ column: 'id', op: '=', value: processInstanceId }] }) === 0)
      throw noProcess(pid);
    return { kind: 'instance', processInstanceId };
  }
  if (bpmnProcessId !== undefined)
    return { kind: 'definition', bpmnProcessId, tenantId: tenantId ?? null, version: version ?? null };
  if (tenantId === undefined || version !== undefined)
    throw wrong('Name whom the limits are for: a pid, a bpmnProcessId (with its version and tenantId), or a tenantId.');
  return { kind: 'tenant', tenantId };
}
