import { eventually } from '@signalbox/testing';

/** In every shape of an error. */
const TOO_MANY_GUESSES = /too_many_guesses|keys or tokens that are not valid/;

/** Sends a request, and again while too many wrong credentials have come from this machine, as those of an earlier test. */
export async function afterGuesses<Answer extends { readonly status: number }>(
  send: () => Promise<Answer>,
  bodyOf: (answer: Answer) => string | Promise<string>,
): Promise<Answer> {
  return eventually(async () => {
    const answer = await send();
    return answer.status === 429 && TOO_MANY_GUESSES.test(await bodyOf(answer)) ? undefined : answer;
  });
}
