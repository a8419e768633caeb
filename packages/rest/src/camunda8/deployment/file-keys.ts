/**
 * Keys of what the store gives no identity: a deployed file (a form, …), by its deployment and its place there, and the
 * requirements (the whole file) of decisions, by the first of these. They have 19 digits and begin with 9: no identity does.
 */
import type { Json } from '@procos/kernel';
import { parseId } from '../../ids.ts';
import { readKey } from '../keys.ts';

/** A deployment has fewer files. */
const REQUIREMENTS = 999;

export function fileKeyOf(deploymentId: number, at: number): string {
  return `9${String(deploymentId).padStart(15, '0')}${String(at).padStart(3, '0')}`;
}

/** `decisionDefinitionId`: the lowest one of the decisions that the file defines. */
export function requirementsKeyOf(decisionDefinitionId: number): string {
  return fileKeyOf(decisionDefinitionId, REQUIREMENTS);
}

export type ResourceKey =
  | { readonly kind: 'definition'; readonly id: number }
  | { readonly kind: 'requirements'; readonly decisionDefinitionId: number }
  | { readonly kind: 'file'; readonly deploymentId: number; readonly at: number };

/** What a key means among those of resources; refuses what is no key. */
export function readResourceKey(value: Json | undefined, name: string): ResourceKey {
  const [, id, place] = /^9(\d{15})(\d{3})$/.exec(String(value)) ?? [];
  if (id === undefined) return { kind: 'definition', id: readKey(value, name) };
  const of = parseId(id.replace(/^0+/, ''));
  const at = Number(place);
  return at === REQUIREMENTS
    ? { kind: 'requirements', decisionDefinitionId: of }
    : { kind: 'file', deploymentId: of, at };
}
