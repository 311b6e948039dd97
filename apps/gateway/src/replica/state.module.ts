import { Module } from '@nestjs/common';
import { streams } from '@signalbox/contracts/streams';
import { PresenceView } from './presence.view.js';
import { ReadYourWrites } from './read-your-writes.js';
import { Replicas } from './replicas.js';

/** The streams that this process follows. Each feature module adds the views that it reads. */
@Module({ providers: [Replicas, ReadYourWrites], exports: [Replicas, ReadYourWrites] })
export class StateModule {
  constructor(replicas: Replicas) {
    // No feature reads these datasources yet: operators see whether their owner is there.
    replicas.follow(new PresenceView(streams.datasources));
  }
}
