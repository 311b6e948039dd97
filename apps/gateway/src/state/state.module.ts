import { Module } from '@nestjs/common';
import { ReplicasModule } from '@signalbox/state-streams';
import { DataplaneReports, ReaderStates } from '@signalbox/status-facts';
import { ReadYourWrites } from './read-your-writes.js';

const replicas = ReplicasModule.register({ service: 'gateway' });

/** The streams that this process follows: those that its features read. Until each required one has had a snapshot, it is not ready. */
@Module({
  imports: [replicas],
  providers: [ReadYourWrites, ReaderStates, DataplaneReports],
  exports: [replicas, ReadYourWrites, ReaderStates, DataplaneReports],
})
export class StateModule {}
