/** `POST /api/drafts`: files handed in to be deployed by the deployment process; nothing is read or defined yet. */
import { keepDraft } from '@procos/kernel';
import type { DraftReply } from '@procos/protocol';
import { Answer, type Call } from '../call.ts';
import { readRequest } from '../camunda7/deployment/create.ts';
import { readForm } from '../multipart.ts';
import { rejected } from './errors.ts';

export async function createDraft({ request, engine, by }: Call): Promise<Answer> {
  const outcome = await keepDraft(engine, readRequest(await readForm(request)), by);
  if (!outcome.ok) throw rejected(outcome.rejection);
  const reply: DraftReply = { draftId: String(outcome.value.deploymentId) };
  return new Answer(201, reply);
}
