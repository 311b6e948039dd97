import type { Writable } from 'node:stream';

/**
 * What is written to a socket in one go leaves it with one system call. amqplib writes each message by itself, and the system calls of a
 * burst cost more than all else, here and at the broker.
 */
export function writeTogether(socket: Writable): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let isGathering = false;
  socket.write = (...args: unknown[]): boolean => {
    if (!isGathering) {
      isGathering = true;
      socket.cork();
      process.nextTick(() => {
        isGathering = false;
        socket.uncork();
      });
    }
    return write(...args);
  };
}
