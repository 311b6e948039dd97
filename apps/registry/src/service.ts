import { AmqpStrategy } from '@signalbox/nest-service';
import { nestService } from '@signalbox/platform';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';

export const service = nestService({ name: 'registry', module: AppModule, config: readConfig, strategy: AmqpStrategy });
