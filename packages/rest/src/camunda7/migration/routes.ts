/** `/migration`: plans between two definitions, and moving running instances along one. */
import { generateMigration, type MigrationInstruction, type ProcessModel, validateMigrationPlan } from '@procos/kernel';
import type { Call, Declare, JsonObject } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { optionalFlag, optionalList, optionalObject, optionalText, optionalTexts } from '../body.ts';
import { findDefinition } from '../definitions.ts';
import { invalid, RestError, unsupported } from '../errors.ts';
import { readVariables, writeVariables } from '../typed-values.ts';

interface Plan {
  readonly source: Side;
  readonly target: Side;
  readonly instructions: readonly MigrationInstruction[];
}

interface Side {
  readonly text: string;
  readonly id: number;
  readonly model: ProcessModel;
}

export function migrationRoutes(route: Declare): void {
  route('POST', '/migration/generate', 'processDefinition.read', (call) => {
    const { source, target } = sides(call, call.body);
    const update = optionalFlag(call.body, 'updateEventTriggers') ?? false;
    const variables = readVariables(call.body['variables']);
    return {
      sourceProcessDefinitionId: source.text,
      targetProcessDefinitionId: target.text,
      instructions: generateMigration(source.model, target.model, update).map((one) => ({
        sourceActivityIds: [one.source],
        targetActivityIds: [one.target],
        updateEventTrigger: one.updateEventTrigger ?? false,
      })),
      variables: writeVariables(variables),
    };
  });
  route('POST', '/migration/validate', 'processDefinition.read', (call) => {
    const plan = readPlan(call, call.body);
    const instructionReports = plan.instructions.flatMap((instruction) => {
      const failures = validateMigrationPlan(plan.source.model, plan.target.model, plan.instructions).filter((reason) =>
        reason.includes(`'${instruction.source}'`),
      );
      const written = { sourceActivityIds: [instruction.source], targetActivityIds: [instruction.target] };
      return failures.length === 0 ? [] : [{ instruction: written, failures }];
    });
    return { instructionReports, variableReports: {} };
  });
  route('POST', '/migration/execute', 'processInstance.update', execute);
}

/** Every instance by itself; when one cannot move the request is refused, and those before it have moved. */
async function execute(call: Call): Promise<undefined> {
  const { engine, body, by } = call;
  const written = optionalObject(body, 'migrationPlan');
  if (written === undefined) throw invalid('The migration plan is missing');
  if (optionalObject(body, 'processInstanceQuery') !== undefined) throw unsupported("'processInstanceQuery'");
  const ids = optionalTexts(body, 'processInstanceIds') ?? [];
  if (ids.length === 0) throw invalid('processInstanceIds is empty');
  const plan = readPlan(call, written);
  const wrong = ids.filter((id) => {
    const where = [{ column: 'id', op: '=', value: parseId(id) }] as const;
    return engine.find('processInstances', { where })[0]?.definitionId !== plan.source.id;
  });
  if (wrong.length > 0)
    throw refused(`process instances ${wrong.join(', ')} do not run process definition ${plan.source.text}`);
  for (const id of ids) {
    const outcome = await engine.submit(
      {
        type: 'migrateProcessInstance',
        processInstanceId: parseId(id),
        targetDefinitionId: plan.target.id,
        instructions: plan.instructions,
        variables: readVariables(written['variables']),
      },
      by,
    );
    if (!outcome.ok) throw refused(outcome.rejection.message);
  }
  return undefined;
}

function readPlan(call: Call, body: JsonObject): Plan {
  const instructions = (optionalList(body, 'instructions') ?? []).map((item) => {
    const one = item as JsonObject;
    const [source, ...more] = optionalTexts(one, 'sourceActivityIds') ?? [];
    const [target, ...others] = optionalTexts(one, 'targetActivityIds') ?? [];
    if (source === undefined || target === undefined || more.length + others.length > 0)
      throw invalid('A migration instruction needs exactly one source and one target activity id');
    return { source, target, updateEventTrigger: optionalFlag(one, 'updateEventTrigger') ?? false };
  });
  return { ...sides(call, body), instructions };
}

function sides(call: Call, body: JsonObject): Pick<Plan, 'source' | 'target'> {
  return {
    source: side(call, optionalText(body, 'sourceProcessDefinitionId'), 'Source'),
    target: side(call, optionalText(body, 'targetProcessDefinitionId'), 'Target'),
  };
}

function side({ engine }: Call, text: string | undefined, which: string): Side {
  const definition = text === undefined ? undefined : findDefinition(engine, text);
  const model = definition === undefined ? undefined : engine.model(definition.id);
  if (text === undefined || definition === undefined || model === undefined)
    throw invalid(`${which} process definition with id '${text ?? ''}' does not exist`);
  return { text, id: definition.id, model };
}

function refused(message: string): RestError {
  return new RestError(400, 'BadUserRequestException', message);
}
