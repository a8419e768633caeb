/** The service as gRPC's library wants it, read from gateway.proto. */
import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

export const SERVICE = 'gateway_protocol.Gateway';

const FILE = fileURLToPath(new URL('gateway.proto', import.meta.url));

/** Messages have every member but absent `optional` ones and those of a `oneof`; 64-bit numbers and enums are text. */
export function gatewayDefinition(): ServiceDefinition {
  const found = loader.loadSync(FILE, {
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
    oneofs: false,
  });
  return measured(found[SERVICE] as ServiceDefinition);
}

const sizes = new WeakMap<object, number>();

/** Bytes of a message that was received. */
export function sizeOf(message: object): number {
  return sizes.get(message) ?? 0;
}

/** The library does not tell how large a message is once it is one. */
function measured(service: ServiceDefinition): ServiceDefinition {
  const calls = Object.entries(service).map(([name, call]) => {
    const requestDeserialize = (bytes: Buffer): object => {
      const message: object = call.requestDeserialize(bytes);
      sizes.set(message, bytes.length);
      return message;
    };
    return [name, { ...call, requestDeserialize }];
  });
  return Object.fromEntries(calls);
}
