import { baseOf, idOf, repeatingDelta, repositoryOf, TYPES, packOf } from './git-pack.js';

const MIB = 2 ** 20;

/** A repository whose pack has some kilobytes, and unpacks to as many MiB as are asked for. @param each MiB of one object */
export function gitBomb(mebibytes: number, each = 16): { head: string; pack: Buffer } {
  const base = Buffer.alloc(0xffff, 'signalbox');
  const { head, objects } = repositoryOf({ 'publisher.json': '{}', 'base.bin': base.toString() });
  const times = Math.floor((each * MIB) / base.length);
  const bombs = Array.from({ length: Math.floor(mebibytes / each) }, (_, index) => ({
    type: TYPES.refDelta,
    base: baseOf(idOf('blob', base)),
    // Each differs from the others, so that none is known already.
    content: repeatingDelta(base.length, times - index),
  }));
  return { head, pack: packOf([...objects, ...bombs]) };
}
