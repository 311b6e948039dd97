import { Injectable } from '@nestjs/common';
import { streams } from '@signalbox/contracts/streams';
import { Replicas } from './replicas.js';

const PATIENCE_MS = 2_000;

/** Lets a write be answered when this process itself shows it; after two seconds the answer is given all the same. */
@Injectable()
export class ReadYourWrites {
  constructor(private readonly replicas: Replicas) {}

  /** Waits for a change of a stream; of the gateways' own where none is named. */
  async visible({ stream = streams.gateway, seq }: { stream?: string; seq: number }): Promise<void> {
    await this.replicas.of(stream).reached(seq, PATIENCE_MS);
  }
}
