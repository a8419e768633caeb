/** `/migration`: plans between two definitions, and moving running instances along one. */
import {
  type BatchOperation,
  generateMigration,
  type MigrationInstruction,
  type ProcessModel,
  validateMigrationPlan,
} from '@procos/kernel';
import type { Call, Declare, JsonObject } from '../../call.ts';
import { asBatch, atOnce } from '../batch/carry-out.ts';
import { objectIn, optionalFlag, optionalList, optionalObject, optionalText, optionalTexts } from '../body.ts';
import { findDefinition } from '../definitions.ts';
import { invalid, RestError } from '../errors.ts';
import { skipped } from '../instructions.ts';
import { someInstances } from '../selection.ts';
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

/** Camunda 7 has an instruction for the whole of a loop and one for its instances; here one is for both. */
const BODY_SUFFIX = '#multiInstanceBody';

export function migrationRoutes(route: Declare): void {
  route('POST', '/migration/generate', 'processDefinition.read', (call) => {
    const { source, target } = sides(call, call.body);
    const update = optionalFlag(call.body, 'updateEventTriggers') ?? false;
    const variables = readVariables(call.body['variables']);
    return {
      sourceProcessDefinitionId: source.text,
      targetProcessDefinitionId: target.text,
      instructions: generateMigration(source.model, target.model, update).map(writeInstruction),
      variables: writeVariables(variables),
    };
  });
  route('POST', '/migration/validate', 'processDefinition.read', (call) => {
    const plan = readPlan(call, call.body);
    const instructionReports = plan.instructions.flatMap((instruction) => {
      const failures = validateMigrationPlan(plan.source.model, plan.target.model, plan.instructions).filter((reason) =>
        reason.includes(`'${instruction.source}'`),
      );
      return failures.length === 0 ? [] : [{ instruction: writeInstruction(instruction), failures }];
    });
    return { instructionReports, variableReports: {} };
  });
  route('POST', '/migration/execute', 'processInstance.update', (call) => execute(call, atOnce));
  route('POST', '/migration/executeAsync', 'processInstance.update', (call) => execute(call, asBatch));
}

function writeInstruction({ source, target, updateEventTrigger = false }: MigrationInstruction): unknown {
  return { sourceActivityIds: [source], targetActivityIds: [target], updateEventTrigger };
}

/** All that are selected must run the definition that the plan is from. */
function execute(
  call: Call,
  carryOut: (call: Call, operation: BatchOperation, items: readonly number[]) => Promise<unknown>,
): Promise<unknown> {
  const written = optionalObject(call.body, 'migrationPlan');
  if (written === undefined) throw invalid('The migration plan is missing');
  const ids = someInstances(call);
  const { source, target, instructions } = readPlan(call, written);
  const where = [
    { column: 'id', op: 'in', value: ids },
    { column: 'definitionId', op: '=', value: source.id },
  ] as const;
  const right = new Set(call.engine.find('processInstances', { where }).map(({ id }) => id));
  const wrong = call.repeated ? [] : ids.filter((id) => !right.has(id));
  if (wrong.length > 0)
    throw refused(`process instances ${wrong.join(', ')} do not run process definition ${source.text}`);
  const reasons = validateMigrationPlan(source.model, target.model, instructions);
  if (reasons.length > 0) throw refused(reasons.join('; '));
  return carryOut(
    call,
    {
      type: 'migrateProcessInstance',
      sourceDefinitionId: source.id,
      targetDefinitionId: target.id,
      instructions,
      variables: readVariables(written['variables']),
      ...skipped(call.body),
    },
    ids,
  );
}

function readPlan(call: Call, body: JsonObject): Plan {
  const instructions = (optionalList(body, 'instructions') ?? []).map((item) => {
    const one = objectIn('instructions', item);
    const [source, ...more] = optionalTexts(one, 'sourceActivityIds') ?? [];
    const [target, ...others] = optionalTexts(one, 'targetActivityIds') ?? [];
    if (source === undefined || target === undefined || more.length + others.length > 0)
      throw invalid('A migration instruction needs exactly one source and one target activity id');
    return {
      source: source.replace(BODY_SUFFIX, ''),
      target: target.replace(BODY_SUFFIX, ''),
      updateEventTrigger: optionalFlag(one, 'updateEventTrigger') ?? false,
    };
  });
  const distinct = new Map(instructions.map((one) => [`${one.source} ${one.target}`, one]));
  return { ...sides(call, body), instructions: [...distinct.values()] };
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
