/**
 * Which files of a folder Docker sends to a build, by Docker's own rules for `.dockerignore` (moby/patternmatcher): patterns are relative to the
 * folder; `*` and `?` stop at a slash and `**` does not; a pattern that matches a folder matches all that is in it; the last pattern that
 * matches a file or a folder above it decides; `!` lets it through again.
 * @param ignoreFile the text of `.dockerignore`
 */
export function dockerContext(ignoreFile: string): (path: string) => boolean {
  const rules = ignoreFile
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const lets = line.startsWith('!');
      return { lets, pattern: regularExpression(clean(lets ? line.slice(1).trim() : line)) };
    });
  return (path) => {
    const parts = path.split('/');
    const ways = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    return rules.findLast(({ pattern }) => ways.some((way) => pattern.test(way)))?.lets ?? true;
  };
}

/** As Go's `filepath.Clean`, for what stands in such files. */
const clean = (pattern: string): string =>
  pattern
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');

function regularExpression(pattern: string): RegExp {
  const source = pattern.replaceAll(/\*\*\/?|\*|\?|[^*?]+/g, (token) => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    return token === '?' ? '[^/]' : token.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  });
  return new RegExp(`^${source}$`);
}
