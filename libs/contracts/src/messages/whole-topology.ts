import { journalTopology } from './audit.js';
import { dataplaneControlTopology, dataplaneTopology } from './dataplane-topology.js';
import { readerCommandsTopology } from './reader-commands.js';
import {
  changesTopology,
  handlersTopology,
  heldTopology,
  mergeTopologies,
  partitionWay,
  readerHeartbeatTopology,
  streamOwnerTopology,
  type TopologyContract,
} from './topology.js';

/** The services that answer requests and execute commands. */
const HANDLERS = ['registry', 'dataplane-control', 'datasource-sync'];

/**
 * All that the services declare and that stays when they stop.
 * @param dataplanes names of those whose queues are among it
 * @param partitions of readers
 */
export const wholeTopology = (dataplanes: readonly string[], partitions: readonly number[] = [0]): TopologyContract =>
  mergeTopologies(
    readerHeartbeatTopology(),
    ...partitions.flatMap((partition) => [partitionWay(partition), heldTopology(partition)]),
    streamOwnerTopology(),
    ...HANDLERS.map(handlersTopology),
    dataplaneControlTopology(),
    changesTopology(),
    readerCommandsTopology(),
    journalTopology(),
    ...dataplanes.map(dataplaneTopology),
  );
