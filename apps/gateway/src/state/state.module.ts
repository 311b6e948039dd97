import { Module } from '@nestjs/common';
import { ReplicasModule } from '@signalbox/state-streams';
import { DataplaneReports, Readers, ReaderStates } from '@signalbox/status-facts';
import { ReadYourWrites } from './read-your-writes.js';

const replicas = ReplicasModule.register({ service: 'gateway' });

/** The streams that this process follows: those that its features read. Until each required one has had a snapshot, it is not ready. */
@Module({
  imports: [replicas],
  providers: [ReadYourWrites, Readers, ReaderStates, DataplaneReports],
  exports: [replicas, ReadYourWrites, Readers, ReaderStates, DataplaneReports],
})
export class StateModule {}
