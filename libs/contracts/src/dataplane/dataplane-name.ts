import { z } from 'zod';

/** The name of a dataplane: it stands in routing keys, so it has no dots. */
export const dataplaneName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and hyphens, and begin with a letter or digit');
