import { connect } from 'node:net';

const PROTOCOL_HEADER = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]); // "AMQP", then version 0-9-1
const CONNECTION_START = Buffer.from([1, 0, 0]); // a method frame of channel 0
const ANSWER_MS = 2_000;

/**
 * Whether the broker at this port of 127.0.0.1 accepts AMQP clients and has the name `clusterName`: another program
 * on that port does not. A node opens its port after it has imported its definitions.
 */
export function greetsAmqp(port: number, clusterName: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    let received = Buffer.alloc(0);
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_MS, () => end(false));
    socket.once('connect', () => socket.write(PROTOCOL_HEADER));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (!received.subarray(0, CONNECTION_START.length).equals(CONNECTION_START.subarray(0, received.length)))
        end(false);
      else if (received.includes(clusterName)) end(true);
    });
  });
}
