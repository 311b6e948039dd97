import { describe, expect, it } from 'vitest';
import { memoryFiles } from './memory-files.js';

describe('files in memory', () => {
  it('are read as they were written, in folders that exist', async () => {
    const { promises: fs } = memoryFiles(() => undefined);
    await expect(fs.writeFile('/r/a', 'text')).rejects.toMatchObject({ code: 'ENOENT' });
    await fs.mkdir('/r');
    await expect(fs.mkdir('/r')).rejects.toMatchObject({ code: 'EEXIST' });
    await fs.writeFile('/r/a', 'text');
    await fs.writeFile('/r/b', new Uint8Array([1, 2]).subarray(1));
    expect(await fs.readFile('/r/a', 'utf8')).toBe('text');
    expect(await fs.readFile('/r/b')).toEqual(Buffer.from([2]));
    expect(await fs.readdir('/r')).toEqual(['a', 'b']);
    expect([(await fs.stat('/r')).isDirectory(), (await fs.lstat('/r/a')).isFile()]).toEqual([true, true]);
    await fs.unlink('/r/a');
    await expect(fs.readFile('/r/a')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(fs.symlink?.('/etc/passwd', '/r/c')).rejects.toMatchObject({ code: 'ENOTSUP' });
  });

  it('are refused where the caller refuses them', async () => {
    const { promises: fs } = memoryFiles((path, content) => {
      if (path.endsWith('.pack')) throw new Error(`no ${content.length} bytes`);
    });
    await expect(fs.writeFile('/x.pack', '123')).rejects.toThrow('no 3 bytes');
    await expect(fs.stat('/x.pack')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
