import 'reflect-metadata';
import { Module, type DynamicModule } from '@nestjs/common';
import {
  CLOCK,
  CONFIG,
  HEALTH,
  LOGGER,
  METRICS,
  SHUTDOWN,
  systemClock,
  type Health,
  type Logger,
  type Metrics,
} from '@signalbox/platform';

export interface PlatformParts {
  readonly config: unknown;
  readonly logger: Logger;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly shutdown: AbortSignal;
}

@Module({})
class PlatformModule {}

/** Provides the common parts of all services, injectable by the tokens of `@signalbox/platform`. */
export function platformModule({ config, logger, health, metrics, shutdown }: PlatformParts): DynamicModule {
  return {
    module: PlatformModule,
    global: true,
    providers: [
      { provide: CONFIG, useValue: config },
      { provide: LOGGER, useValue: logger },
      { provide: CLOCK, useValue: systemClock },
      { provide: HEALTH, useValue: health },
      { provide: METRICS, useValue: metrics },
      { provide: SHUTDOWN, useValue: shutdown },
    ],
    exports: [CONFIG, LOGGER, CLOCK, HEALTH, METRICS, SHUTDOWN],
  };
}
