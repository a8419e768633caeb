/** `/process-instances/search`: what runs and what has run. */
import type { Condition, ElementInstanceView, Json, ProcessEngine, ProcessInstanceView } from '@procos/kernel';
import type { JsonObject } from '../../call.ts';
import { isObject } from '../../safe-json.ts';
import { dateOf, optionalDateOf } from '../dates.ts';
import { invalid } from '../errors.ts';
import { keyOf, optionalKeyOf } from '../keys.ts';
import { tenantOf } from '../tenants.ts';
import { BOUNDS, tooMany } from './bounds.ts';
import { errorHash } from './counts.ts';
import * as by from './filter.ts';
import { holdsFor, readTests, type Test } from './operators.ts';
import { byIndex } from './reach.ts';
import { definitionsOf } from './related.ts';
import { refuseMany } from './request.ts';
import type { SearchSpec, Sort } from './search.ts';
import { shownText } from './variables.ts';

type Row = ProcessInstanceView;

/** What a terminate end event ends is completed, as in Camunda 8; canceled is what somebody outside ended. */
const STATES = {
  ACTIVE: ['active'],
  COMPLETED: ['completed', 'terminated'],
  TERMINATED: ['canceled'],
} as const;

const ELEMENT_STATES: Readonly<Record<string, ElementInstanceView['outcome']>> = {
  ACTIVE: 'active',
  COMPLETED: 'completed',
  TERMINATED: 'canceled',
};

const byDefinition: Readonly<Record<'name' | 'versionTag', Sort<Row>>> = {
  name: (rows, engine) => {
    const definitionOf = definitionsOf(engine, rows);
    return (row) => definitionOf(row.definitionId)?.name ?? null;
  },
  versionTag: (rows, engine) => {
    const definitionOf = definitionsOf(engine, rows);
    return (row) => definitionOf(row.definitionId)?.versionTag ?? null;
  },
};

export const PROCESS_INSTANCES: SearchSpec<'processInstances'> = {
  table: 'processInstances',
  alternatives: true,
  filters: {
    processInstanceKey: by.key('id'),
    processDefinitionId: by.text('bpmnProcessId'),
    processDefinitionKey: by.key('definitionId'),
    processDefinitionName: by.ofDefinition('definitionId', ({ name }) => name),
    processDefinitionVersion: by.whole('version'),
    processDefinitionVersionTag: by.ofDefinition('definitionId', ({ versionTag }) => versionTag),
    parentProcessInstanceKey: by.key('parentId'),
    parentElementInstanceKey: by.key('parentElementInstanceId'),
    startDate: by.instant('startedAt'),
    endDate: by.instant('endedAt'),
    state: by.choice<Row, string>(STATES, (ours, words) =>
      // There are indexes of what has not ended.
      words.join() === 'ACTIVE' ? [{ column: 'endedAt', op: 'isNull' }] : [by.among('state', ours)],
    ),
    hasIncident: (member) => (by.asFlag(member.asked, member.path) ? withIncident(member.engine) : WITHOUT_INCIDENT),
    tenantId: by.tenant('tenantId'),
    businessId: by.text('businessKey'),
    variables: withVariables,
    errorMessage: ({ asked, path, engine }) => {
      const tests = readTests(asked, path, by.asText);
      return tests.length === 0 ? {} : withIncident(engine, (message) => holdsFor(tests, message));
    },
    elementId: withElement,
    elementInstanceState: (member) => (member.filter['elementId'] === undefined ? withElement(member) : {}),
    hasElementInstanceIncident: (member) => (member.filter['elementId'] === undefined ? withElement(member) : {}),
    hasRetriesLeft: (member) => ({ sieve: { of: withRetriesLeft(member) } }),
    tags: (member) => {
      const wanted = readTags(member);
      return wanted.length === 0 ? {} : { sieve: { of: (rows) => rows.filter(({ tags }) => hasAll(tags, wanted)) } };
    },
    batchOperationId: by.unserved(),
    batchOperationKey: by.unserved(),
    incidentErrorHashCode: ({ asked, path, engine }) => {
      const tests = readTests(asked, path, by.asWhole);
      return tests.length === 0 ? {} : withIncident(engine, (message) => holdsFor(tests, errorHash(message)));
    },
  },
  sorts: {
    processInstanceKey: 'id',
    processDefinitionId: 'bpmnProcessId',
    processDefinitionName: byDefinition.name,
    processDefinitionVersion: 'version',
    processDefinitionVersionTag: byDefinition.versionTag,
    processDefinitionKey: 'definitionId',
    parentProcessInstanceKey: 'parentId',
    parentElementInstanceKey: 'parentElementInstanceId',
    // Identities are given in the order of the log, as instants are: this order is that of an index.
    startDate: 'id',
    endDate: 'endedAt',
    state: 'state',
    hasIncident: 'incidents',
    tenantId: 'tenantId',
    businessId: 'businessKey',
  },
  reach: byIndex('processInstances', ['bpmnProcessId', 'definitionId', 'businessKey', 'parentId', 'state'], {
    still: { with: ['bpmnProcessId', 'definitionId'], alone: { column: 'state', op: '=', value: 'active' } },
  }),
};

const WITHOUT_INCIDENT: by.Filter<Row> = { where: [{ column: 'incidents', op: '=', value: 0 }] };

function withIncident(engine: ProcessEngine, fits: (message: string) => boolean = () => true): by.Filter<Row> {
  const open = engine.find('incidents', { limit: BOUNDS.read + 1 });
  const counted: Condition<Row> = { column: 'incidents', op: '>', value: 0 };
  if (open.length > BOUNDS.read) throw tooMany(BOUNDS.read, 'So many incidents are open');
  const ids = open.filter(({ message }) => fits(message)).map(({ processInstanceId }) => processInstanceId);
  return { where: [by.among('id', [...new Set(ids)]), counted] };
}

interface WantedVariable {
  readonly name: string;
  readonly tests: readonly Test[];
}

/** All of them; each in any scope of the instance, with its last value. */
function withVariables({ asked, path, engine, filter }: by.Member): by.Filter<Row> {
  const wanted = readWanted(asked, path);
  if (wanted.length === 0) return {};
  // What lives is found by an index; what has ended lies in the history of each instance.
  const isLiving = filter['state'] === 'ACTIVE';
  const names = wanted.map(({ name }) => name);
  const of = (rows: readonly Row[]) => {
    const found = engine.find('variables', {
      where: [
        { column: 'processInstanceId', op: 'in', value: rows.map(({ id }) => id) },
        { column: 'name', op: 'in', value: names },
        ...(isLiving ? [{ column: 'live', op: '=', value: true } as const] : []),
      ],
    });
    const fitting = wanted.map(({ name, tests }) => {
      const ones = found.filter((one) => one.name === name && holdsFor(tests, shownText(engine, one)));
      return new Set(ones.map(({ processInstanceId }) => processInstanceId));
    });
    return rows.filter(({ id }) => fitting.every((instances) => instances.has(id)));
  };
  return { sieve: { ...(isLiving ? {} : { costly: true }), of } };
}

export function readWanted(asked: Json, path: string): readonly WantedVariable[] {
  if (!Array.isArray(asked)) throw invalid(`'${path}' must be a list of names and values`);
  refuseMany(path, asked);
  return (asked as readonly Json[]).map((one, at) => {
    const { name, value } = isObject(one) ? one : ({} as JsonObject);
    if (typeof name !== 'string' || name === '' || value === undefined || value === null)
      throw invalid(`'${path}[${at}]' must have a 'name' and a 'value', the value as JSON text`);
    return { name, tests: readTests(value, `${path}[${at}].value`, by.asText) };
  });
}

/** An element instance for which all of `elementId`, `elementInstanceState` and `hasElementInstanceIncident` hold. */
function withElement({ engine, filter, path }: by.Member): by.Filter<Row> {
  const within = path.slice(0, path.lastIndexOf('.'));
  const ids = readTests(filter['elementId'], `${within}.elementId`, by.asText);
  const states = readTests(filter['elementInstanceState'], `${within}.elementInstanceState`, (value, at) => {
    const ours = typeof value === 'string' && Object.hasOwn(ELEMENT_STATES, value) ? ELEMENT_STATES[value] : undefined;
    if (ours === undefined) throw invalid(`'${at}' must be one of ${Object.keys(ELEMENT_STATES).join(', ')}`);
    return ours;
  });
  const asked = filter['hasElementInstanceIncident'];
  const incident =
    asked === undefined || asked === null ? undefined : by.asFlag(asked, `${within}.hasElementInstanceIncident`);
  const isLiving = filter['elementInstanceState'] === 'ACTIVE' || incident === true;
  const of = (rows: readonly Row[]) => {
    const value = rows.map(({ id }) => id);
    const ofRows = { column: 'processInstanceId', op: 'in', value } as const;
    const open =
      incident === undefined
        ? undefined
        : new Set(engine.find('incidents', { where: [ofRows] }).map(({ elementInstanceId }) => elementInstanceId));
    const elements = engine.find('elementInstances', {
      where: [ofRows, ...(isLiving ? [{ column: 'endedAt', op: 'isNull' } as const] : [])],
    });
    const fitting = elements.filter(
      ({ id, elementId, outcome }) =>
        holdsFor(ids, elementId) && holdsFor(states, outcome) && (open === undefined || open.has(id) === incident),
    );
    const instances = new Set(fitting.map(({ processInstanceId }) => processInstanceId));
    return rows.filter(({ id }) => instances.has(id));
  };
  return { sieve: { ...(isLiving ? {} : { costly: true }), of } };
}

/** Instances with a job that has failed and will be tried again. */
function withRetriesLeft({ asked, path, engine }: by.Member): (rows: readonly Row[]) => readonly Row[] {
  const wanted = by.asFlag(asked, path);
  return (rows) => {
    const tasks = engine.find('externalTasks', {
      where: [
        { column: 'processInstanceId', op: 'in', value: rows.map(({ id }) => id) },
        { column: 'errorMessage', op: 'notNull' },
        { column: 'retries', op: '>', value: 0 },
      ],
    });
    const failed = new Set(tasks.map(({ processInstanceId }) => processInstanceId));
    return rows.filter(({ id }) => failed.has(id) === wanted);
  };
}

/** Asked for by a filter. */
export function readTags({ asked, path }: Pick<by.Member, 'asked' | 'path'>): readonly string[] {
  if (Array.isArray(asked) && asked.every((tag) => typeof tag === 'string')) return asked as readonly string[];
  throw invalid(`'${path}' must be a list of text, but is ${JSON.stringify(asked)}`);
}

export function hasAll(tags: readonly string[] = [], wanted: readonly string[]): boolean {
  return wanted.every((tag) => tags.includes(tag));
}

export function writeProcessInstances(engine: ProcessEngine, rows: readonly Row[]): readonly unknown[] {
  const definitionOf = definitionsOf(engine, rows);
  return rows.map((row) => {
    const definition = definitionOf(row.definitionId);
    return {
      processInstanceKey: keyOf(row.id),
      processDefinitionId: row.bpmnProcessId,
      processDefinitionName: definition?.name ?? null,
      processDefinitionVersion: row.version,
      processDefinitionVersionTag: definition?.versionTag ?? null,
      processDefinitionKey: keyOf(row.definitionId),
      parentProcessInstanceKey: optionalKeyOf(row.parentId),
      parentElementInstanceKey: optionalKeyOf(row.parentElementInstanceId),
      rootProcessInstanceKey: keyOf(row.rootId),
      startDate: dateOf(row.startedAt),
      endDate: optionalDateOf(row.endedAt),
      state: stateOf(row),
      hasIncident: row.incidents > 0,
      tenantId: tenantOf(row.tenantId),
      businessId: row.businessKey || null,
      tags: row.tags ?? [],
    };
  });
}

export function stateOf({ state }: Row): keyof typeof STATES {
  if (state === 'active') return 'ACTIVE';
  return state === 'canceled' ? 'TERMINATED' : 'COMPLETED';
}
