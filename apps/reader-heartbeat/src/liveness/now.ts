import type { Clock } from '@signalbox/platform';
import type { Instant } from './instant.js';

export const now = (clock: Clock): Instant => ({ unix: clock.now(), monotonic: clock.monotonic() });
