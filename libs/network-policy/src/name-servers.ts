import { promises as dns } from 'node:dns';

/** The second question waits twice as long: about 2 s together. */
const PATIENCE = { timeout: 700, tries: 2 };

/** Whether the name servers of a name leave questions without an answer. Takes no thread. `servers`: default those of the system, as they are now. */
export async function areServersSilent(hostname: string, servers?: readonly string[]): Promise<boolean> {
  const resolver = new dns.Resolver(PATIENCE);
  if (servers) resolver.setServers(servers);
  const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  return answers.some((answer) => answer.status === 'rejected' && codeOf(answer.reason) === dns.TIMEOUT);
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;
