import { z } from 'zod';

/** The query parameter `limit` of a list with pages: how many entries a page has at most. */
export const pageLimit = z.coerce.number().int().min(1).max(1_000).default(100);
