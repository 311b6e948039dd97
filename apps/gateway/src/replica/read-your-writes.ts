import { Injectable } from '@nestjs/common';
import { Replicas } from './replicas.js';

const PATIENCE_MS = 2_000;

/** Lets a write be answered when this process itself shows it; after two seconds the answer is given all the same. */
@Injectable()
export class ReadYourWrites {
  constructor(private readonly replicas: Replicas) {}

  /** Waits for a change of the gateways' own stream. */
  async visible({ seq }: { seq: number }): Promise<void> {
    await this.replicas.gateway.reached(seq, PATIENCE_MS);
  }
}
