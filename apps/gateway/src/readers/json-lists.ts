/** JSON texts by the list that each belongs to, as bytes: a list may have a hundred thousand of them. */
export class JsonLists {
  private readonly encoded = new Map<string, Buffer[]>();
  private texts = new Map<string, string[]>();
  private encodedBytes = 0;

  /** Of all that is encoded. */
  get bytes(): number {
    return this.encodedBytes;
  }

  add(list: string, text: string): void {
    const texts = this.texts.get(list);
    if (texts === undefined) this.texts.set(list, [text]);
    else texts.push(text);
  }

  /** Encodes what was added since the last call. */
  encode(): void {
    for (const [list, texts] of this.texts) {
      const chunks = this.encoded.get(list) ?? [];
      if (chunks.length > 0) chunks.push(COMMA);
      const chunk = Buffer.from(texts.join(','));
      chunks.push(chunk);
      this.encodedBytes += chunk.length;
      this.encoded.set(list, chunks);
    }
    this.texts = new Map();
  }

  names(): Iterable<string> {
    return this.encoded.keys();
  }

  /** The items of a list with their commas; none for an unknown list. */
  of(list: string): readonly Buffer[] {
    return this.encoded.get(list) ?? [];
  }
}

const COMMA = Buffer.from(',');
