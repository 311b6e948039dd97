import { StateStream1795219200000 } from './migrations/1795219200000-state-stream.js';

export const entities = [];
export const migrations = [StateStream1795219200000];
