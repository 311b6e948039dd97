/** What the two sides send each other besides the messages of their users. */
export type ToChild = { ping: number } | { stop: true } | { message: unknown };
export type ToParent = { ready: true } | { pong: number } | { message: unknown };

/** The file descriptor of the connection in the child. */
export const CONNECTION_FD = 3;
