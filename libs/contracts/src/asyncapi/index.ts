export { asyncApiDocument } from './document.js';
export { stateChannels } from './state-channels.js';
