export type ExchangeType = 'topic' | 'direct' | 'fanout';

/** Whether a binding takes a message: `*` is one word of a topic, `#` any number of them. */
export function routes(type: ExchangeType, bindingKey: string, routingKey: string): boolean {
  if (type === 'fanout') return true;
  if (type === 'direct') return bindingKey === routingKey;
  return wordsMatch(bindingKey.split('.'), routingKey.split('.'));
}

function wordsMatch([first, ...rest]: string[], words: string[]): boolean {
  if (first === undefined) return words.length === 0;
  if (first === '#')
    return wordsMatch(rest, words) || (words.length > 0 && wordsMatch([first, ...rest], words.slice(1)));
  return words.length > 0 && (first === '*' || first === words[0]) && wordsMatch(rest, words.slice(1));
}
