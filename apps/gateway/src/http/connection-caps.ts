import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { addressGroup } from './address-group.rules.js';
import type { ConnectionLimits } from './connection-limits.rules.js';

export interface ConnectionCapsOptions {
  readonly limits: ConnectionLimits;
  /** An address from which many clients connect: that of a proxy. */
  readonly isShared: (address: string) => boolean;
  readonly onRefused: (reason: 'in all' | 'per address') => void;
}

/** Closes connections beyond the limits at once, before anything is read from them. */
export class ConnectionCaps {
  private readonly byAddress = new Map<string, number>();
  /** Counted here and not by the server, which does not know those that it is handed (`listenOn`). */
  private open = 0;

  constructor(private readonly options: ConnectionCapsOptions) {}

  /** Comes before the other listeners of the server. */
  listen(server: Server): void {
    const others = server.listeners('connection');
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      if (!this.takes(socket)) return void socket.destroy();
      for (const listener of others) listener.call(server, socket);
    });
  }

  private takes(socket: Socket): boolean {
    const { limits, isShared, onRefused } = this.options;
    const { remoteAddress } = socket;
    // The client has left already.
    if (remoteAddress === undefined) return false;
    const address = isShared(remoteAddress) ? undefined : addressGroup(remoteAddress);
    const openOfAddress = address === undefined ? 0 : (this.byAddress.get(address) ?? 0);
    const full = this.open >= limits.inAll ? 'in all' : openOfAddress >= limits.perAddress ? 'per address' : undefined;
    if (full !== undefined) {
      onRefused(full);
      return false;
    }
    this.open += 1;
    if (address !== undefined) this.byAddress.set(address, openOfAddress + 1);
    socket.once('close', () => this.left(address));
    return true;
  }

  private left(address: string | undefined): void {
    this.open -= 1;
    if (address === undefined) return;
    const open = (this.byAddress.get(address) ?? 0) - 1;
    if (open > 0) this.byAddress.set(address, open);
    else this.byAddress.delete(address);
  }
}
