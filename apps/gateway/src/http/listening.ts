import { Injectable } from '@nestjs/common';

/** Where this process listens: what was asked for may have been "any free port". */
export interface ListeningPorts {
  port: number;
  managementPort: number;
}

/** Where this process listens, known once it does. */
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
