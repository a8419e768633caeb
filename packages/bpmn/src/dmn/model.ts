/** A file of decisions as plain JSON: written into the record log at deployment and evaluated as it is. */

/** Text in FEEL (the default) or JUEL (Camunda 7). */
export interface DecisionText {
  readonly text: string;
  readonly language: 'feel' | 'juel';
}

/** Decision logic: DMN 1.5, chapters 7, 8 and 10.2. `typeRef`: what its value has to be. */
export type Logic = { readonly typeRef?: string } & LogicKind;

type LogicKind =
  | { readonly kind: 'literal'; readonly expression: DecisionText }
  | DecisionTable
  | { readonly kind: 'context'; readonly entries: readonly ContextEntry[] }
  | { readonly kind: 'list'; readonly items: readonly Logic[] }
  | { readonly kind: 'relation'; readonly columns: readonly string[]; readonly rows: readonly (readonly Logic[])[] }
  | {
      readonly kind: 'function';
      readonly parameters: readonly Parameter[];
      readonly body: Logic;
      /** Java or PMML. */
      readonly isExternal?: boolean;
    }
  | {
      readonly kind: 'invocation';
      readonly called: DecisionText;
      readonly bindings: readonly { readonly name: string; readonly value: Logic }[];
    }
  | { readonly kind: 'conditional'; readonly test: Logic; readonly yes: Logic; readonly no: Logic }
  | { readonly kind: 'filter'; readonly in: Logic; readonly match: Logic }
  | {
      readonly kind: 'iterator';
      readonly mode: 'for' | 'some' | 'every';
      readonly variable: string;
      readonly in: Logic;
      readonly body: Logic;
    };

/** Without a name: the result of the context. */
export interface ContextEntry {
  readonly name?: string;
  readonly typeRef?: string;
  readonly value: Logic;
}

export interface Parameter {
  readonly name: string;
  readonly typeRef?: string;
}

export type HitPolicy = 'UNIQUE' | 'FIRST' | 'PRIORITY' | 'ANY' | 'COLLECT' | 'RULE ORDER' | 'OUTPUT ORDER';
export type Aggregation = 'SUM' | 'COUNT' | 'MIN' | 'MAX';

export interface DecisionTable {
  readonly kind: 'table';
  readonly hitPolicy: HitPolicy;
  readonly aggregation?: Aggregation;
  readonly inputs: readonly TableInput[];
  readonly outputs: readonly TableOutput[];
  readonly rules: readonly TableRule[];
}

export interface TableInput {
  readonly label: string;
  readonly expression: DecisionText;
  readonly typeRef?: string;
  /** Camunda 7: under this name the entries see the value too. */
  readonly variable?: string;
  /** Unary tests that the value must pass. */
  readonly allowed?: string;
}

export interface TableOutput {
  /** Absent: the only output of its table. */
  readonly name?: string;
  readonly typeRef?: string;
  /** The values in the order of their priority. */
  readonly allowed?: string;
  readonly default?: DecisionText;
}

export interface TableRule {
  readonly id: string;
  /** Unary tests, one for each input; empty or `-`: anything. */
  readonly inputs: readonly DecisionText[];
  readonly outputs: readonly DecisionText[];
}

/** A type of the file: what a value must be to count as one. */
export interface ItemDefinition {
  readonly name: string;
  readonly isCollection: boolean;
  readonly typeRef?: string;
  readonly allowed?: string;
  readonly components: readonly ItemDefinition[];
  /** Of a type of functions. */
  readonly signature?: { readonly parameters: readonly Parameter[]; readonly result?: string };
}

export interface Requirements {
  /** Ids in this file, or `namespace#id` of an imported one. */
  readonly inputs: readonly string[];
  readonly decisions: readonly string[];
  readonly knowledge: readonly string[];
}

export interface Decision extends Requirements {
  readonly id: string;
  readonly name: string;
  /** Under this name others see its result. */
  readonly variable: string;
  readonly typeRef?: string;
  readonly versionTag?: string;
  readonly line: number;
  /** Absent: its result is null. */
  readonly logic?: Logic;
}

export interface InputData {
  readonly id: string;
  readonly name: string;
  readonly typeRef?: string;
}

export interface BusinessKnowledge {
  readonly id: string;
  readonly name: string;
  readonly knowledge: readonly string[];
  readonly typeRef?: string;
  readonly logic?: Logic & { readonly kind: 'function' };
}

/** Decisions of the file under one name, with the inputs and decisions that the caller gives. */
export interface DecisionService {
  readonly id: string;
  readonly name: string;
  readonly typeRef?: string;
  readonly output: readonly string[];
  readonly encapsulated: readonly string[];
  readonly inputDecisions: readonly string[];
  readonly inputData: readonly string[];
}

export interface DecisionModel {
  readonly modelVersion: 1;
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly types: readonly ItemDefinition[];
  readonly inputs: readonly InputData[];
  readonly decisions: readonly Decision[];
  readonly knowledge: readonly BusinessKnowledge[];
  readonly services: readonly DecisionService[];
  /** Other decision files. */
  readonly imports: readonly { readonly namespace: string; readonly name: string; readonly line?: number }[];
  /** The models of all files that it imports, directly or through others; absent when it imports none. */
  readonly imported?: readonly DecisionModel[];
}
