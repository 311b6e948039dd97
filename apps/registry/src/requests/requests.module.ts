import { Module } from '@nestjs/common';
import { SealedBody } from '@signalbox/nest-service';
import { CLOCK, CONFIG, type Clock } from '@signalbox/platform';
import type { Config } from '../config.js';

/** What every request needs before a command reads it. */
@Module({
  providers: [
    {
      provide: SealedBody,
      inject: [CONFIG, CLOCK],
      useFactory: (config: Config, clock: Clock) =>
        new SealedBody({ keys: () => config.SIGNALBOX_SECRET_KEYS, service: 'registry', clock }),
    },
  ],
  exports: [SealedBody],
})
export class RequestsModule {}
