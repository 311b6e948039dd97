import { AmqpStrategy, nestService } from '@signalbox/nest-service';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';

export const service = nestService({
  name: 'datasource-sync',
  module: AppModule,
  config: readConfig,
  strategy: AmqpStrategy,
});
