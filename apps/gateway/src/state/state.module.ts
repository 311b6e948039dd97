import { Module } from '@nestjs/common';
import { datasourcesStream } from '@signalbox/contracts/streams';
import { FollowedStreams, ReplicasModule } from '@signalbox/state-streams';
import { ReadYourWrites } from './read-your-writes.js';

const replicas = ReplicasModule.register({ service: 'gateway' });

/** The streams that this process follows: those that its features read. Until each required one has had a snapshot, it is not ready. */
@Module({ imports: [replicas], providers: [ReadYourWrites], exports: [replicas, ReadYourWrites] })
export class StateModule {
  constructor(streams: FollowedStreams) {
    // No feature reads datasources yet; their replica shows operators whether the owner is available.
    streams.follow(datasourcesStream, { requiredForReadiness: false });
  }
}
