import { Injectable } from '@nestjs/common';
import { gatewayStream } from '@signalbox/contracts/streams';
import { Replicas } from '@signalbox/state-streams';

const WAIT_MS = 2_000;

/** Holds the answer to a write until this process shows it, for two seconds at most. */
@Injectable()
export class ReadYourWrites {
  constructor(private readonly replicas: Replicas) {}

  /** Waits for a change of a stream, by default of the gateway's own; not for one of a stream that is not followed any more. */
  async visible({ stream = gatewayStream.name, seq }: { stream?: string; seq: number }): Promise<void> {
    await this.replicas.find(stream)?.reached(seq, WAIT_MS);
  }
}
