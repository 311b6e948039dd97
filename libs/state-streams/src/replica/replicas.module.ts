import { Module, type DynamicModule } from '@nestjs/common';
import { FollowedStreams } from './followed-streams.js';
import { FOLLOWER, Replicas } from './replicas.js';

/**
 * Follows state streams. Whatever reads one calls `FollowedStreams.follow` in its constructor. Needs the
 * `InfrastructureModule` beside it.
 */
@Module({})
export class ReplicasModule {
  static register({ service }: { readonly service: string }): DynamicModule {
    return {
      module: ReplicasModule,
      providers: [{ provide: FOLLOWER, useValue: service }, FollowedStreams, Replicas],
      exports: [FollowedStreams, Replicas],
    };
  }
}
