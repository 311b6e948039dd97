import { z } from 'zod';
import { PackageNotLoaded, type PackageContent } from './package-source.js';

/** Of what a program says why a package cannot be loaded. */
const MAX_MESSAGE_CHARS = 4_000;

/** How the programs that read packages answer. */
const packageAnswer = z.union([
  z.object({
    content: z.object({
      description: z.string().max(10_000).exactOptional(),
      // One character of a README has at least one of its 64 KiB.
      readme: z
        .string()
        .max(64 * 1_024)
        .exactOptional(),
    }),
  }),
  z.object({ reason: z.enum(['missing', 'unavailable']), message: z.string().max(MAX_MESSAGE_CHARS) }),
]);
export type PackageAnswer = z.infer<typeof packageAnswer>;

/** What a program read, or why that cannot be loaded. What else it throws breaks the program. */
export async function answerOf(read: () => PackageContent | Promise<PackageContent>): Promise<PackageAnswer> {
  try {
    return { content: await read() };
  } catch (error) {
    if (!(error instanceof PackageNotLoaded)) throw error;
    return { reason: error.reason, message: error.message.slice(0, MAX_MESSAGE_CHARS) };
  }
}

/** @returns undefined where no program of ours answers so @throws PackageNotLoaded, which the program has found */
export function contentOf(answer: unknown): PackageContent | undefined {
  const { data } = packageAnswer.safeParse(answer);
  if (data === undefined || 'content' in data) return data?.content;
  throw new PackageNotLoaded(data.reason, data.message);
}
