import { z } from 'zod';

/** The query of a list. A parameter that there is not is refused: a misspelled filter would let everything through. */
export const listQuery = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `There is no parameter ${issue.keys.join(', ')}. There are: ${Object.keys(shape).join(', ')}.`
        : undefined,
  });
