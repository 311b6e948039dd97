import { ConfigError } from './config.error.js';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** The variables that choose host and port. */
  readonly variables: { readonly host: string; readonly port: string };
}

/** Returns a ConfigError that names the address and the variable to change; any other error than those of `listen` unchanged. */
export function explainListenError(error: unknown, { host, port, variables }: ListenAddress): unknown {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case 'EADDRINUSE':
      return new ConfigError(
        `${address} is taken by another process; stop it, or choose another port with ${variables.port}`,
      );
    case 'EACCES':
      return new ConfigError(
        `${address} may not be opened by this user; choose a port above 1023 with ${variables.port}`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ConfigError(`${address} is not an address of this machine; choose another one with ${variables.host}`);
    default:
      return error;
  }
}
