/** The only partition of the readers so far. */
export const PARTITION = 0;
