/** `procos.users.check`, `.apply` and `.note`: what is between a change of users that was handed in and the change. */
import type { IdentityRequest } from '@procos/engine';
import type { FourEyes } from '../identity/four-eyes.ts';
import { type IdentityOperation, Refused } from '../identity/operations.ts';
import type { IdentityRequests, Judged, RequestsOptions } from '../identity/requests.ts';
import type { KernelLog } from '../log.ts';
import { Hopeless, type SystemCall, type SystemTask } from './contract.ts';
import { startedBy } from './starter.ts';

export interface UserNeeds extends RequestsOptions {
  readonly requests: IdentityRequests;
  readonly fourEyes: FourEyes;
  readonly log: KernelLog;
}

/** All act in the name of who handed the request in, and for nobody else. */
export function userCalls({ requests, fourEyes, directory, engine, submit, log }: UserNeeds): readonly SystemCall[] {
  // One after the other: each is judged by what the one before has left.
  let before: Promise<unknown> = Promise.resolve();

  function requestOf(task: SystemTask): IdentityRequest {
    const name = task.input('request');
    const request = typeof name === 'string' ? directory.request(name) : undefined;
    if (request === undefined)
      throw new Hopeless(
        `The variable request is ${JSON.stringify(name)}, which names no change of users that waits: hand it in again.`,
      );
    const { kind, id } = request.by;
    const asked = startedBy(engine(), task.processInstanceId);
    if (asked === `${kind}:${id}`) return request;
    throw new Hopeless(
      `The change was handed in by ${kind}:${id} and cannot be carried out for ${asked}: hand it in anew.`,
    );
  }

  function judge(request: IdentityRequest): Judged {
    return requests.judge(request.operations as unknown as readonly IdentityOperation[], request.by);
  }

  async function carryOut(request: IdentityRequest): Promise<string | null> {
    const { changes, harmless } = judge(request);
    const found = harmless ? {} : fourEyes.ofRequest(request.name, request.by, engine().now());
    if ('refusal' in found) return found.refusal;
    const done = await submit({ type: 'changeIdentities', changes, request: request.name, ...found }, request.by);
    return done.ok ? null : done.rejection.message;
  }

  return [
    {
      topic: 'procos.users.check',
      async run(task) {
        const request = requestOf(task);
        const refusal = refusalOf(() => judge(request));
        const { summary, harmless } = refusal === null ? judge(request) : { summary: '', harmless: true };
        const approval_required = !harmless && fourEyes.holds();
        return { variables: { refused: refusal !== null, reason: refusal, summary, approval_required } };
      },
    },
    {
      topic: 'procos.users.apply',
      async run(task) {
        const mine = before.then(async () => {
          const name = task.input('request');
          // A call that was interrupted after the change finds that it is carried out.
          if (task.again && typeof name === 'string' && directory.request(name) === undefined) return null;
          const request = requestOf(task);
          try {
            return await carryOut(request);
          } catch (error) {
            if (error instanceof Refused) return error.message;
            throw error;
          }
        });
        before = mine.catch(() => {});
        const reason = await mine;
        return { variables: { refused: reason !== null, reason } };
      },
    },
    {
      topic: 'procos.users.note',
      async run(task) {
        const refused = task.input('refused') === true;
        const [summary, reason] = [String(task.input('summary') ?? ''), String(task.input('reason') ?? '')];
        const fields = { correlation_id: task.processInstanceId, summary };
        if (refused) log.warn('users_refused', `A change of users was refused: ${reason}`, fields);
        else log.info('users_changed', `Users were changed: ${summary}`, fields);
        return {};
      },
    },
  ];
}

function refusalOf(judge: () => unknown): string | null {
  try {
    judge();
    return null;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}
