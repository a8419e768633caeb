/** The topology, for clients that ask for one before anything else: one node, one partition, one leader. */
import type { Kernel } from '@procos/kernel';

/** The version of the API that is served: clients switch features by it. */
export const API_VERSION = '8.9.0';

export interface Topology {
  readonly brokers: readonly Broker[];
  readonly clusterId: string | null;
  readonly clusterSize: number;
  readonly partitionsCount: number;
  readonly replicationFactor: number;
  readonly gatewayVersion: string;
  readonly lastCompletedChangeId: string;
}

interface Broker {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly partitions: readonly {
    readonly partitionId: number;
    readonly role: 'leader';
    readonly health: 'healthy' | 'unhealthy';
  }[];
}

/** `host` and `port`: where it was asked. */
export function topology(kernel: Kernel, host: string, port: number): Topology {
  const health = kernel.status().phase === 'stopping' ? 'unhealthy' : 'healthy';
  return {
    brokers: [
      { nodeId: 0, host, port, version: API_VERSION, partitions: [{ partitionId: 1, role: 'leader', health }] },
    ],
    clusterId: null,
    clusterSize: 1,
    partitionsCount: 1,
    replicationFactor: 1,
    gatewayVersion: API_VERSION,
    lastCompletedChangeId: '-1',
  };
}
