/** A user task as a test sees it. */
import assert from 'node:assert/strict';
import type { PlainValues } from '@procos/client';
import type { Tables } from '@procos/kernel';
import type { TestEngine } from './engine.ts';
import { variablesOf } from './values.ts';

export class TestTask {
  readonly #engine: TestEngine;
  readonly id: number;

  constructor(engine: TestEngine, id: number) {
    this.#engine = engine;
    this.id = id;
  }

  get elementId(): string {
    return this.#row.elementId;
  }
  get name(): string | null {
    return this.#row.name;
  }
  get assignee(): string | null {
    return this.#row.assignee;
  }
  get candidateUsers(): readonly string[] {
    return this.#row.candidateUsers;
  }
  get candidateGroups(): readonly string[] {
    return this.#row.candidateGroups;
  }
  get priority(): number {
    return this.#row.priority;
  }
  get dueAt(): Date | null {
    return this.#row.dueAt === null ? null : new Date(this.#row.dueAt);
  }
  get formKey(): string | null {
    return this.#row.formKey;
  }

  /** Refused when somebody else holds it. */
  async claim(user: string): Promise<void> {
    await this.#engine.submit({ type: 'assignUserTask', userTaskId: this.id, assignee: user, claim: true });
  }

  /** Whoever holds it now; null: nobody. */
  async assign(user: string | null): Promise<void> {
    await this.#engine.submit({ type: 'assignUserTask', userTaskId: this.id, assignee: user, claim: false });
  }

  async complete(variables: PlainValues = {}): Promise<void> {
    await this.#engine.submit({ type: 'completeUserTask', userTaskId: this.id, variables: variablesOf(variables) });
  }

  /** As its form is submitted: values are held against the fields of the form. */
  async submitForm(variables: PlainValues = {}): Promise<void> {
    const given = { userTaskId: this.id, variables: variablesOf(variables), form: true } as const;
    await this.#engine.submit({ type: 'completeUserTask', ...given });
  }

  /** Reports a business error instead of completing. */
  async throwError(code: string, message: string | null = null, variables: PlainValues = {}): Promise<void> {
    await this.#throw('error', code, message, variables);
  }

  async escalate(code: string, variables: PlainValues = {}): Promise<void> {
    await this.#throw('escalation', code, null, variables);
  }

  async #throw(
    what: 'error' | 'escalation',
    code: string,
    message: string | null,
    variables: PlainValues,
  ): Promise<void> {
    const given = { userTaskId: this.id, what, code, message, variables: variablesOf(variables) } as const;
    await this.#engine.submit({ type: 'throwFromUserTask', ...given });
  }

  get #row(): Tables['userTasks'] {
    const [row] = this.#engine.engine.find('userTasks', { where: [{ column: 'id', op: '=', value: this.id }] });
    assert.ok(row !== undefined, `User task ${this.id} is over.`);
    return row;
  }
}
