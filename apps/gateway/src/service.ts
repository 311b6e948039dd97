import type { ServiceOptions } from '@signalbox/platform';
import { readConfig, type Config } from './config.js';
import { startGateway } from './gateway.js';

export const service: ServiceOptions<Config> = { name: 'gateway', config: readConfig, start: startGateway };
