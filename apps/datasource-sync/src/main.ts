import { runNestService } from '@signalbox/platform';
import { AppModule } from './app.module.js';
import { readConfig } from './config.js';

runNestService({ name: 'datasource-sync', module: AppModule, config: readConfig });
