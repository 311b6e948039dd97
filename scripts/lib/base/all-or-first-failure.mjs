// @ts-check

/**
 * Waits for all, also when one fails: no work may continue after the failure is reported.
 * @param {Promise<void>[]} works
 */
export async function allOrFirstFailure(works) {
  const results = await Promise.allSettled(works);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
