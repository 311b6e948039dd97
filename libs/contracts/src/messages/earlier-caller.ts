import { z } from 'zod';

/** How a gateway of 0.1.0 names the caller: the key alone, beside the id of the request. */
const earlierCaller = z.looseObject({ by: z.string().nullable(), request_id: z.string() });

/**
 * The schema of a request that has `by`, which takes the form of 0.1.0, too: services are upgraded before gateways. To be removed in the
 * release after 0.2.0.
 */
export const orOfEarlierGateway = <Request extends z.ZodType>(request: Request) =>
  z.preprocess((body) => {
    const { success, data } = earlierCaller.safeParse(body);
    if (!success) return body;
    const { by: key_id, request_id, ...rest } = data;
    return { ...rest, by: { key_id, request_id, address: '' } };
  }, request);
