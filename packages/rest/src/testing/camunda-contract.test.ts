/** Camunda's own description of its REST API (OpenAPI, beside the project), for the tests that hold the face against it. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';

const PAPERS = fileURLToPath(new URL('../../../../../shared/camunda7/', import.meta.url));

/** Why these tests cannot run; false: they can. */
export const skip: string | false = existsSync(PAPERS)
  ? false
  : "Camunda's description of its API is not beside the project (../shared/camunda7)";

export interface Operation {
  readonly priority: 'P0' | 'P1' | 'P2';
  readonly method: string;
  /** As Camunda writes it: `/task/{id}`. */
  readonly path: string;
}

export function operations(): readonly Operation[] {
  const lines = readFileSync(`${PAPERS}operations-by-priority.txt`, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [priority, method, path] = line.split(' ') as [Operation['priority'], string, string];
    return { priority, method, path };
  });
}

/** Method and path with the names of its variables left out: two faces may name them differently. */
export function shapeOf(method: string, path: string): string {
  return `${method} ${path.replace(/\{[^}]+\}|:\w+/g, '{}')}`;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly nullable?: boolean;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
}

interface Described {
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema?: Schema }>> }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** Members that an answer may do without: Camunda leaves them out where they were not asked for, or says them in two ways. */
const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
  ProcessInstanceWithVariablesDto: ['variables'],
  TaskWithAttachmentAndCommentDto: ['attachment', 'comment', 'variables'],
  TaskWithVariablesDto: ['variables'],
  // Those of a form field; all others are of a variable update.
  HistoricDetailDto: ['fieldId', 'fieldValue'],
  FilterDto: ['itemCount'],
  PasswordPolicyRuleDto: ['valid'],
  // Of an error only the first three are said by all.
  ProblemDto: ['\u0435lementIds'],
};

/** Members that may be null though the description does not say so. */
const NULLABLE: Readonly<Record<string, readonly string[]>> = {
  // Where no engine was asked there is no code.
  ExceptionDto: ['code'],
  ParseExceptionDto: ['code'],
  // Most tasks have none.
  TaskWithAttachmentAndCommentDto: ['camundaFormRef'],
  FormDto: ['camundaFormRef'],
  // Nothing is collected, ever.
  TelemetryInternalsDto: ['data-collection-start-date'],
  // A message reaches an instance that runs, or starts one.
  MessageCorrelationResultWithVariableDto: ['execution', 'processInstance'],
};

/** Members that hold any value, though the description says object. */
const ANY: Readonly<Record<string, readonly string[]>> = {
  HistoricDecisionInputInstanceDto: ['value'],
  HistoricDecisionOutputInstanceDto: ['value'],
  HistoricDetailDto: ['value'],
};

/** What Camunda sends and its description does not say (see wire facts). */
const ADDITIONAL: Readonly<Record<string, Readonly<Record<string, Schema>>>> = {
  ProblemDto: { '\u0435lementIds': { type: 'array', items: { type: 'string' } } },
  // Where a password was checked: the example says so, the description forgets it.
  PasswordPolicyRuleDto: { valid: { type: 'boolean' } },
  // Ours: the fencing token of the lock (docs/workers.md).
  LockedExternalTaskDto: { lockCount: { type: 'integer' } },
};

/**
 * The description, made strict: an answer has every member that is described (Camunda writes those without a value as null)
 * and no other.
 */
export class Contract {
  readonly #document = JSON.parse(readFileSync(`${PAPERS}openapi.json`, 'utf8')) as Document;
  readonly #ajv = new Ajv({ strict: false, allErrors: true });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor() {
    this.#ajv.addFormat('date-time', /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}[+-]\d{4}$/);
    for (const format of ['int32', 'int64', 'double', 'float', 'binary', 'date']) this.#ajv.addFormat(format, true);
    const schemas = Object.entries(this.#document.components.schemas);
    const definitions = Object.fromEntries(schemas.map(([name, schema]) => [name, this.#strict(schema, name)]));
    this.#ajv.addSchema({ $id: 'contract', $defs: definitions });
  }

  /** Query parameters, and members of the body where that is a query, by name; and whether each is true or false. */
  parametersOf(method: string, path: string): ReadonlyMap<string, { readonly isFlag: boolean }> {
    const { parameters = [], requestBody } = this.#described(method, path);
    const schema = requestBody?.content['application/json']?.schema;
    const members = schema === undefined ? {} : this.#membersOf(schema).properties;
    const named = [
      ...parameters.flatMap(({ in: where, name, schema: own }) => (where === 'query' ? [[name, own] as const] : [])),
      ...Object.entries(members),
    ];
    return new Map(named.map(([name, own]) => [name, { isFlag: own.type === 'boolean' }]));
  }

  sortByOf(method: string, path: string): readonly string[] {
    const { parameters = [] } = this.#described(method, path);
    const values = parameters.find(({ name }) => name === 'sortBy')?.schema.enum ?? [];
    return values.map((value) => String(value).trim());
  }

  /** What is wrong with an answer; empty: nothing. */
  problems(method: string, path: string, status: number, body: string): readonly string[] {
    const { responses } = this.#described(method, path);
    const described = responses[String(status)];
    if (described === undefined) return [`status ${status} is not among ${Object.keys(responses).join(', ')}`];
    const { content } = described;
    const schema = content?.['application/json']?.schema;
    if (content === undefined) return body === '' ? [] : ['the answer should be empty'];
    // Bytes or text.
    if (schema === undefined) return [];
    const key = `${method} ${path} ${status}`;
    const validate = this.#validators.get(key) ?? this.#ajv.compile(this.#strict(schema) as object);
    this.#validators.set(key, validate);
    if (validate(JSON.parse(body))) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) => {
      return `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`;
    });
  }

  #described(method: string, path: string): Described {
    const described = this.#document.paths[path]?.[method.toLowerCase()];
    if (described === undefined) throw new Error(`${method} ${path} is not described`);
    return described;
  }

  #resolve(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    const found = this.#document.components.schemas[schema.$ref.split('/').at(-1) ?? ''];
    if (found === undefined) throw new Error(`${schema.$ref} is not described`);
    return this.#resolve(found);
  }

  #membersOf(schema: Schema): { readonly properties: Readonly<Record<string, Schema>>; readonly more: unknown } {
    const { properties = {}, allOf = [], additionalProperties } = this.#resolve(schema);
    const parts = allOf.map((part) => this.#membersOf(part));
    return {
      properties: Object.assign({}, ...parts.map((part) => part.properties), properties) as Record<string, Schema>,
      more: additionalProperties ?? parts.find(({ more }) => more !== undefined)?.more,
    };
  }

  #strict(schema: Schema, name = ''): unknown {
    if (schema.$ref !== undefined) return { $ref: `contract#/$defs/${schema.$ref.split('/').at(-1)}` };
    const { properties, more } = this.#membersOf(schema);
    const types = schema.type === undefined ? (schema.allOf ? ['object'] : undefined) : [schema.type];
    const nullable = schema.nullable === true;
    const base = {
      ...(types === undefined ? {} : { type: nullable ? [...types, 'null'] : types }),
      ...(schema.format === undefined ? {} : { format: schema.format }),
      ...(schema.enum === undefined ? {} : { enum: nullable ? [...schema.enum, null] : schema.enum }),
    };
    if (schema.items !== undefined) return { ...base, items: this.#strict(schema.items) };
    const members = { ...properties, ...ADDITIONAL[name] };
    const names = Object.keys(members);
    const others = typeof more === 'object' && more !== null ? this.#strict(more as Schema) : more;
    if (names.length === 0) return others === undefined ? base : { ...base, additionalProperties: others };
    return {
      ...base,
      properties: Object.fromEntries(
        names.map((member) => {
          const strict = ANY[name]?.includes(member) ? {} : this.#strict(members[member] as Schema);
          return [member, NULLABLE[name]?.includes(member) ? { anyOf: [strict, { type: 'null' }] } : strict];
        }),
      ),
      required: names.filter((member) => !OPTIONAL[name]?.includes(member)),
      additionalProperties: others ?? false,
    };
  }
}
