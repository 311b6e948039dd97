import { Injectable } from '@nestjs/common';

/** The ports that this process listens on; port 0 in the configuration means any free port. */
export interface ListeningPorts {
  port: number;
  managementPort: number;
}

/** The ports of this process, known when it listens. */
@Injectable()
export class Listening {
  private known: ListeningPorts = { port: 0, managementPort: 0 };

  get ports(): ListeningPorts {
    return this.known;
  }

  on(ports: ListeningPorts): void {
    this.known = ports;
  }
}
