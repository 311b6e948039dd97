import { Socket } from 'node:net';
import { CONNECTION_FD, type ToChild, type ToParent } from './control.js';
import { frameParts, FrameReader, type Frame } from './frames.js';

export { type Frame } from './frames.js';

export interface ChildOptions {
  readonly onMessage: (frame: Frame) => void;
  /** The process exits when this has resolved, or at the deadline of the parent. */
  readonly onStop: () => Promise<void>;
}

export interface Parent {
  /** What the parent does not take yet waits in the memory of this process: the user bounds it, by answers of the parent. */
  send(message: unknown, bytes?: Buffer): void;
}

/** The parent is trusted: its frames may have any length. */
const UNBOUNDED = { message: Infinity, bytes: Infinity };

/** Connects a process that a `Sandbox` started with the parent. It exits when the parent is gone. */
export function connectToParent({ onMessage, onStop }: ChildOptions): Parent {
  const socket = new Socket({ fd: CONNECTION_FD, readable: true, writable: true });
  const send = (message: ToParent, bytes?: Buffer): void => {
    socket.cork();
    for (const part of frameParts(message, bytes)) socket.write(part);
    socket.uncork();
  };
  let stopping = false;
  const reader = new FrameReader(UNBOUNDED, ({ message, ...rest }) => {
    const control = message as ToChild;
    if ('ping' in control) return send({ pong: control.ping });
    if ('message' in control) return onMessage({ message: control.message, ...rest });
    if (stopping) return;
    stopping = true;
    // What was sent before is written first.
    void onStop().finally(() => socket.end(() => process.exit(0)));
  });
  socket.on('data', (chunk) => reader.push(chunk));
  for (const event of ['end', 'error', 'close']) socket.on(event, () => process.exit(0));
  // A signal to all processes of a service is for the parent, which stops its children in order.
  process.on('SIGTERM', () => undefined);
  process.on('SIGINT', () => undefined);
  send({ ready: true });
  return { send: (message, bytes) => send({ message }, bytes) };
}
