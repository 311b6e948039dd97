// @ts-check
import { connectToBroker } from '@signalbox/messaging';
import { FaultyCluster } from '@signalbox/testing';

/** Three nodes, with what a world wants of its broker. */
export class ClusterBroker {
  /** @param {FaultyCluster} cluster */
  constructor(cluster) {
    this.cluster = cluster;
  }

  static async start() {
    return new ClusterBroker(await FaultyCluster.start());
  }

  get url() {
    return this.cluster.url;
  }

  get directUrl() {
    return this.cluster.url;
  }

  /** Messages that wait in a queue now. @param {string} queue @returns {Promise<number | undefined>} undefined where it cannot be asked */
  async messageCount(queue) {
    const connection = await connectToBroker(this.url);
    connection.on('error', () => {});
    try {
      const channel = await connection.createChannel();
      channel.on('error', () => {});
      return (await channel.checkQueue(queue)).messageCount;
    } catch {
      return undefined;
    } finally {
      await connection.close().catch(() => {});
    }
  }

  close() {
    return this.cluster.close();
  }
}
