import { Module } from '@nestjs/common';
import { LifecycleModule } from '../lifecycle/lifecycle.module.js';
import { RequestsModule } from '../requests/requests.module.js';
import { Mutations } from './mutations.js';

/** What a feature needs to change the tree on request: the transaction, the lifecycle that allows it, and the request's body. */
@Module({
  imports: [LifecycleModule, RequestsModule],
  providers: [Mutations],
  exports: [Mutations, LifecycleModule, RequestsModule],
})
export class MutationsModule {}
