import { AmqpStrategy, nestService } from '@signalbox/nest-service';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';

export const service = nestService({
  name: 'journal',
  module: AppModule,
  config: readConfig,
  strategy: AmqpStrategy,
});
