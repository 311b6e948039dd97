import { runNestService } from '@signalbox/platform';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';

runNestService({ name: 'reader-heartbeat', module: AppModule, config: readConfig });
