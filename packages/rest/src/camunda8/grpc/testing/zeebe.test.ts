/** A client of the gateway for its tests: gRPC's own library and our own definition of the service; published clients judge elsewhere. */
import assert from 'node:assert/strict';
import {
  type CallOptions,
  type ClientReadableStream,
  credentials,
  Metadata,
  makeGenericClientConstructor,
  type ServiceError,
  status as Status,
} from '@grpc/grpc-js';
import { gatewayDefinition, SERVICE } from '../definition.ts';

// biome-ignore lint/suspicious/noExplicitAny: messages of the wire, as tests look at them
export type Message = Record<string, any>;

export interface Zeebe {
  call(name: string, message?: Message, options?: CallOptions): Promise<Message>;
  stream(name: string, message: Message, options?: CallOptions): ClientReadableStream<Message>;
  /** All messages of a stream that ends. */
  all(name: string, message: Message, options?: CallOptions): Promise<Message[]>;
  close(): void;
}

/** `headers`: of every call. */
export function connect(address: string, headers: Readonly<Record<string, string>> = {}): Zeebe {
  const Client = makeGenericClientConstructor(gatewayDefinition(), SERVICE);
  const client = new Client(address, credentials.createInsecure());
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  // biome-ignore lint/suspicious/noExplicitAny: the library makes its methods at run time
  const methods = client as any;
  const stream: Zeebe['stream'] = (name, message, options = {}) => methods[name](message, metadata, options);
  return {
    call: (name, message = {}, options = {}) =>
      new Promise((resolve, reject) => {
        methods[name](message, metadata, options, (error: ServiceError | null, answer: Message) => {
          if (error) reject(error);
          else resolve(answer);
        });
      }),
    stream,
    async all(name, message, options) {
      const messages: Message[] = [];
      for await (const one of stream(name, message, options)) messages.push(one as Message);
      return messages;
    },
    close: () => client.close(),
  };
}

/** The call is refused with this status, and its text says this. */
export async function refused(code: keyof typeof Status, text: RegExp, call: Promise<unknown>): Promise<void> {
  await assert.rejects(call, (error: ServiceError) => {
    assert.equal(Status[error.code], code, error.message);
    assert.match(error.details, text);
    return true;
  });
}
