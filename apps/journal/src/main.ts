import { runService } from '@signalbox/platform';
import { service } from './service.js';

runService(service);
