import { Injectable } from '@nestjs/common';
import type { ListeningPorts } from './apis/readers/app-config.js';

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
