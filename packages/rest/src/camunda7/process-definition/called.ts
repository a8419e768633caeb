/** `GET …/static-called-process-definitions`: what the call activities of a model call, where that does not depend on data. */
import type { Definition, ProcessEngine } from '@procos/kernel';
import type { Call } from '../../call.ts';
import { camundaDefinitionId, type ShownDefinition } from '../definitions.ts';
import { processDefinition } from './dto.ts';

export function calledDefinitions({ engine }: Call, definition: ShownDefinition): readonly unknown[] {
  const callers = new Map<number, string[]>();
  for (const element of Object.values(engine.model(definition.id)?.elements ?? {})) {
    if (element.type !== 'callActivity') continue;
    const called = resolve(engine, definition, element.called);
    if (called !== undefined) callers.set(called.id, [...(callers.get(called.id) ?? []), element.id]);
  }
  return Array.from(callers, ([id, calledFromActivityIds]) => {
    const called = engine.definition(id);
    return {
      ...(called === undefined ? {} : processDefinition(engine, called)),
      calledFromActivityIds,
      callingProcessDefinitionId: camundaDefinitionId(definition),
    };
  });
}

type Called = Extract<
  NonNullable<ReturnType<ProcessEngine['model']>>['elements'][string],
  { readonly type: 'callActivity' }
>['called'];

/** undefined: it depends on data, or is not deployed. */
function resolve(engine: ProcessEngine, from: ShownDefinition, called: Called): Definition | undefined {
  const { processId, binding, version, versionTag, tenantId } = called;
  if (processId.language !== 'literal' || tenantId !== undefined) return undefined;
  const key = processId.text;
  if (binding === 'latest') return engine.latestDefinition(key, from.tenantId) ?? engine.latestDefinition(key, null);
  const exact = binding === 'version' ? version : binding === 'versionTag' ? versionTag : undefined;
  if (binding !== 'deployment' && exact?.language !== 'literal') return undefined;
  const [found] = engine.find('definitions', {
    where: [
      { column: 'bpmnProcessId', op: '=', value: key },
      { column: 'tenantId', op: '=', value: from.tenantId },
      binding === 'deployment'
        ? { column: 'deploymentId', op: '=', value: from.deploymentId }
        : binding === 'version'
          ? { column: 'version', op: '=', value: Number(exact?.text) }
          : { column: 'versionTag', op: '=', value: exact?.text ?? '' },
    ],
  });
  return found === undefined ? undefined : engine.definition(found.id);
}
