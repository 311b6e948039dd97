import { runService } from '@signalbox/platform';
import { readConfig } from './config.js';
import { startGateway } from './gateway.js';

runService({ name: 'gateway', config: readConfig, start: startGateway });
