import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';

export interface HashTreeOptions {
  /** The folder that may be read. */
  readonly root: string;
  /** The folder to hash, below `root`. */
  readonly path: string;
  /** A larger file fails the operation. */
  readonly maxFileMb: number;
}

export interface HashTreeResult {
  readonly files: number;
  readonly bytes: number;
  /** SHA-256 of the lines `<hash>  <path below the folder>`, as `sha256sum` writes them, sorted by their bytes. */
  readonly sha256: string;
}

const MIB = 1024 * 1024;

/**
 * Hashes every file of a folder. Links are not followed, neither in its path nor inside it.
 * @throws Error for people, without the path of `root`
 */
export async function hashTree({ root, path: below, maxFileMb }: HashTreeOptions): Promise<HashTreeResult> {
  const folder = await folderInside(root, below);
  const lines: string[] = [];
  let bytes = 0;
  for await (const file of filesIn(folder)) {
    const name = path.relative(folder, file).split(path.sep).join('/');
    const hashed = await hashFile(file, { name, maxBytes: maxFileMb * MIB });
    lines.push(`${hashed.sha256}  ${name}\n`);
    bytes += hashed.bytes;
  }
  const all = createHash('sha256');
  for (const line of lines.map((each) => Buffer.from(each)).sort((a, b) => a.compare(b))) all.update(line);
  return { files: lines.length, bytes, sha256: all.digest('hex') };
}

async function folderInside(root: string, below: string): Promise<string> {
  const base = await realpath(root);
  const folder = path.resolve(base, below);
  const relative = path.relative(base, folder);
  if (path.isAbsolute(below) || relative === '..' || relative.startsWith(`..${path.sep}`)) {
    throw new Error(`${below} is not below the folder that may be read`);
  }
  const real = await realpath(folder).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${below} cannot be read (${error.code})`);
  });
  if (real !== folder) throw new Error(`${below} leads through a link, which is not followed`);
  return folder;
}

async function* filesIn(folder: string, name = ''): AsyncGenerator<string> {
  const entries = await readdir(path.join(folder, name), { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      throw new Error(`the folder ${name === '' ? '.' : name} cannot be read (${error.code})`);
    },
  );
  for (const entry of entries) {
    const inner = path.join(name, entry.name);
    if (entry.isDirectory()) yield* filesIn(folder, inner);
    else if (entry.isFile()) yield path.join(folder, inner);
  }
}

async function hashFile(
  file: string,
  { name, maxBytes }: { name: string; maxBytes: number },
): Promise<{ sha256: string; bytes: number }> {
  // It may have become a link or a pipe since it was listed.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      throw new Error(`${name} cannot be read (${error.code})`);
    },
  );
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    const stat = await handle.stat();
    if (!stat.isFile()) throw new Error(`${name} is no longer a file`);
    if (stat.size > maxBytes) throw tooLarge(name, maxBytes);
    for await (const chunk of handle.createReadStream({ autoClose: false, highWaterMark: MIB })) {
      bytes += (chunk as Buffer).length;
      if (bytes > maxBytes) throw tooLarge(name, maxBytes);
      hash.update(chunk as Buffer);
    }
    return { sha256: hash.digest('hex'), bytes };
  } finally {
    await handle.close();
  }
}

function tooLarge(name: string, maxBytes: number): Error {
  return new Error(`${name} is larger than ${maxBytes / MIB} MiB, the most that may be read at once`);
}
