/** `Topology`. */
import { topology } from '../cluster/topology.ts';
import type { GatewayCall } from './call.ts';

export function gatewayTopology({ kernel, local }: GatewayCall): object {
  const { brokers, clusterId, ...rest } = topology(kernel, local.host, local.port);
  return {
    ...rest,
    ...(clusterId === null ? {} : { clusterId }),
    brokers: brokers.map((broker) => ({
      ...broker,
      partitions: broker.partitions.map(({ partitionId, role, health }) => ({
        partitionId,
        role: role.toUpperCase(),
        health: health.toUpperCase(),
      })),
    })),
  };
}
