/** `POST /api/drafts`: files handed in to be deployed by the deployment process; nothing is read or defined yet. */
import { type DeployRequest, keepDraft } from '@procos/kernel';
import type { DraftReply } from '@procos/protocol';
import { Answer, type Call } from '../call.ts';
import { readRequest } from '../camunda7/deployment/create.ts';
import { permit } from '../gate.ts';
import { readForm } from '../multipart.ts';
import { rejected } from './errors.ts';

/** Source of what has the rights of the system. */
const SYSTEM_SOURCE = 'system';

export async function createDraft(call: Call): Promise<Answer> {
  return handIn(call, readRequest(await readForm(call.request)));
}

/** It is deployed later, in the name of who asks: whether he may, with what he proves his name by, is asked now. */
export async function handIn({ kernel, engine, request, by }: Call, files: DeployRequest): Promise<Answer> {
  if (files.source === SYSTEM_SOURCE) permit(kernel, request, 'system.deploy');
  const outcome = await keepDraft(engine, files, by);
  if (!outcome.ok) throw rejected(outcome.rejection);
  const reply: DraftReply = { draftId: String(outcome.value.deploymentId) };
  return new Answer(201, reply);
}
