import { AmqpStrategy } from '@signalbox/nest-service';
import { runNestService } from '@signalbox/platform';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';

runNestService({ name: 'dataplane-control', module: AppModule, config: readConfig, strategy: AmqpStrategy });
