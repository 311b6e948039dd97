import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '@signalbox/platform';
import type { Config } from '../config.js';

interface CookieOptions {
  readonly name: string;
  readonly value: string;
  readonly sameSite: 'Strict' | 'Lax';
  /** 0 deletes it. */
  readonly maxAgeSeconds: number;
}

/**
 * The cookies of this server. Over https their names have the prefix `__Host-`, with which a browser takes a cookie only from this
 * very host: no other host of the domain can give people a session that is not theirs.
 */
@Injectable()
export class Cookies {
  private readonly isSecure: boolean;

  constructor(@Inject(CONFIG) { SIGNALBOX_PUBLIC_URL }: Config) {
    this.isSecure = SIGNALBOX_PUBLIC_URL?.startsWith('https:') ?? false;
  }

  /** The value of a cookie of a request. */
  read(header: string | undefined, name: string): string | undefined {
    const wanted = `${this.fullName(name)}=`;
    const found = header
      ?.split(';')
      .map((part) => part.trim())
      .find((part) => part.startsWith(wanted));
    return found?.slice(wanted.length);
  }

  /** A `Set-Cookie` header. */
  write({ name, value, sameSite, maxAgeSeconds }: CookieOptions): string {
    const secure = this.isSecure ? '; Secure' : '';
    return `${this.fullName(name)}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=${sameSite}${secure}`;
  }

  private fullName(name: string): string {
    return this.isSecure ? `__Host-${name}` : name;
  }
}
