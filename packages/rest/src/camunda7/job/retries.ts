/** Retries of jobs: to give some to a step that waits in an incident is to try it again. Timers have theirs always. */
import type { Call, JsonObject } from '../../call.ts';
import { parseId } from '../../ids.ts';
import { asBatch } from '../batch/carry-out.ts';
import { optionalObject, optionalText, optionalTexts, optionalWhole } from '../body.ts';
import { invalid, unsupported } from '../errors.ts';
import { listJobs } from './jobs.ts';

/** Refuses what cannot be done here; how many there are then makes no difference. */
export function checkRetries(body: JsonObject): void {
  const retries = optionalWhole(body, 'retries');
  if (retries === undefined) throw invalid('The number of retries cannot be null');
  if (retries < 0) throw invalid('The number of retries cannot be negative');
  if (retries === 0) throw unsupported('Taking the retries from jobs (retries: 0)');
  if (optionalText(body, 'dueDate') !== undefined) throw unsupported("'dueDate'");
}

/** As a batch, for the jobs that are named and those that the query finds. */
export function setJobRetries(call: Call): Promise<unknown> {
  const { body, engine } = call;
  checkRetries(body);
  const query = optionalObject(body, 'jobQuery');
  const named = (optionalTexts(body, 'jobIds') ?? []).map(parseId);
  const found = query === undefined ? [] : listJobs({ engine, body: query, query: {} }).map(({ id }) => id);
  const jobs = [...new Set([...named, ...found])];
  if (jobs.length === 0 && !call.repeated) throw invalid('jobIds is empty');
  return asBatch(call, { type: 'resolveIncident' }, jobs);
}
