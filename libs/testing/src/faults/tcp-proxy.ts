import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface ProxyTarget {
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
}

/** A line to a server that can be disturbed. Listens on 127.0.0.1. */
export class TcpProxy {
  /** Every chunk from client to server waits this long, ms; what was sent stays in order. */
  delayMs = 0;
  private readonly pairs = new Set<Pair>();
  private isCut = false;

  private constructor(
    private readonly target: ProxyTarget,
    private readonly server: Server,
  ) {}

  static async start(target: ProxyTarget): Promise<TcpProxy> {
    const server = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new TcpProxy(target, server);
    server.on('connection', (client) => proxy.accept(client));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.pairs.size;
  }

  /** Silence without reset: nothing passes, new connections are taken and never answered. Nothing is lost: it waits, as TCP has it. */
  cut(): void {
    this.isCut = true;
    for (const pair of this.pairs) pair.pause();
  }

  /** Everything passes again, what waited first. */
  restore(): void {
    this.isCut = false;
    for (const pair of this.pairs) pair.resume();
  }

  /** Every open connection ends with a reset on both sides; new ones pass. */
  reset(): void {
    for (const pair of this.pairs) pair.reset();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.reset();
    await closed;
  }

  private accept(client: Socket): void {
    const pair = new Pair(client, {
      target: this.target,
      delayMs: () => this.delayMs,
      onClosed: () => this.pairs.delete(pair),
    });
    this.pairs.add(pair);
    if (!this.isCut) pair.resume();
  }
}

interface PairOptions {
  readonly target: ProxyTarget;
  readonly delayMs: () => number;
  readonly onClosed: () => void;
}

/** One client and its own connection to the server, which is made when the line first passes anything. */
class Pair {
  private server: Socket | undefined;
  /** When the last chunk to the server leaves, ms of `performance.now()`. */
  private lastDue = 0;

  constructor(
    private readonly client: Socket,
    private readonly options: PairOptions,
  ) {
    client.setNoDelay(true);
    client.on('error', () => undefined);
    client.on('data', (chunk) => this.toServer(() => this.server?.write(chunk)));
    client.on('end', () => this.toServer(() => this.server?.end()));
    client.on('close', () => {
      this.server?.destroy();
      options.onClosed();
    });
  }

  pause(): void {
    this.client.pause();
    this.server?.pause();
  }

  resume(): void {
    this.server ??= this.connect();
    this.client.resume();
    this.server.resume();
  }

  reset(): void {
    this.client.resetAndDestroy();
    this.server?.resetAndDestroy();
  }

  private connect(): Socket {
    const { host = '127.0.0.1', port } = this.options.target;
    const server = connect({ host, port, noDelay: true });
    server.on('error', () => undefined);
    server.on('data', (chunk) => this.client.write(chunk));
    server.on('end', () => this.client.end());
    server.on('close', (hadError) => (hadError ? this.client.resetAndDestroy() : this.client.destroySoon()));
    return server;
  }

  private toServer(pass: () => void): void {
    const now = performance.now();
    const due = Math.max(this.lastDue, now + this.options.delayMs());
    this.lastDue = due;
    if (due <= now) pass();
    else setTimeout(pass, due - now);
  }
}
