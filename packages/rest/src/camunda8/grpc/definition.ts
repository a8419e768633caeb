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
  return found[SERVICE] as ServiceDefinition;
}
