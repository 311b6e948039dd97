/** Which connections are beyond the limit. Those that were there at the last count stay; the order of the others is the same for every gateway. */
export function surplusOf(
  open: readonly string[],
  { known, most }: { readonly known: ReadonlySet<string>; readonly most: number },
): string[] {
  const older = open.filter((name) => known.has(name));
  const newer = open.filter((name) => !known.has(name)).toSorted();
  return [...older, ...newer].slice(most);
}
