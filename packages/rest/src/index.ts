/** The REST faces: Camunda 7 and our own. The one public face of this floor. */
export type { FaultLog } from './call.ts';
export { type GatewayListenOptions, listenForGrpc } from './camunda8/grpc/listener.ts';
export { createServer, type ServerOptions } from './server.ts';
