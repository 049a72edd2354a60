import { PROTOTYPE_KEYS } from '../model/names.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

/** Why a text was refused, for people; `JSON.parse` would have let most of these through. */
export class JsonRefused extends Error {
  override readonly name = 'JsonRefused';
}

const MAX_DEPTH = 32;
/** More than any request has; a body of nothing but keys would keep the process busy for a tenth of a second. */
const MAX_KEYS = 1_000;
/** The most that a request can need is 67,000: a thousand points of 64 metrics. A mebibyte has room for half a million. */
const MAX_VALUES = 100_000;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const SPACE = /[ \t\n\r]*/y;
const SPACE_CODE = 0x20;
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const LARGEST_EXACT = 2 ** 53;

/**
 * RFC 8259 read strictly, one meaning only: a duplicate key, a key that reaches a prototype, a number a double cannot
 * hold exactly (integers beyond 2^53, overflow) or a lone surrogate is refused, never resolved. `JSON.parse` keeps the
 * last duplicate and rounds, so two readers of the same bytes could disagree about what was measured.
 */
export function parseStrictJson(bytes: Uint8Array): Json {
  return new Reader(decodeUtf8(bytes)).document();
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JsonRefused('The body is not valid UTF-8.');
  }
}

class Reader {
  readonly #text: string;
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Json {
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at !== this.#text.length) throw this.#refused('something follows the value');
    return value;
  }

  #value(depth: number): Json {
    if (depth > MAX_DEPTH) throw this.#refused(`nested deeper than ${String(MAX_DEPTH)}`);
    if ((this.#values += 1) > MAX_VALUES) throw this.#refused(`more than ${String(MAX_VALUES)} values`);
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonObject {
    const object: Record<string, Json> = {};
    let keys = 0;
    this.#at += 1;
    if (this.#closes('}')) return object;
    do {
      this.#skipSpace();
      const key = this.#string();
      if ((keys += 1) > MAX_KEYS) throw this.#refused(`more than ${String(MAX_KEYS)} keys in one object`);
      if (PROTOTYPE_KEYS.has(key)) throw this.#refused(`the key ${JSON.stringify(key.slice(0, 80))} is not allowed`);
      if (Object.hasOwn(object, key)) throw this.#refused(`the key ${JSON.stringify(key.slice(0, 80))} appears twice`);
      this.#expect(':');
      object[key] = this.#value(depth + 1);
    } while (this.#goesOn('}'));
    return object;
  }

  #array(depth: number): Json[] {
    const array: Json[] = [];
    this.#at += 1;
    if (this.#closes(']')) return array;
    do array.push(this.#value(depth + 1));
    while (this.#goesOn(']'));
    return array;
  }

  #string(): string {
    const token = this.#match(STRING);
    if (token === null) throw this.#refused('expected a string');
    if (!token.includes('\\')) return token.slice(1, -1);
    const text = JSON.parse(token) as string;
    if (!text.isWellFormed()) throw this.#refused('a string holds half a surrogate pair');
    return text;
  }

  #number(): number {
    const token = this.#match(NUMBER);
    if (token === null) throw this.#refused('expected a value');
    const value = Number(token);
    if (!Number.isFinite(value)) throw this.#refused(`the number ${token.slice(0, 40)} is too large`);
    if (Math.abs(value) >= LARGEST_EXACT && Number.isInteger(value) && !isExactly(token, value)) {
      throw this.#refused(`the number ${token.slice(0, 40)} is beyond 2^53 and would be rounded`);
    }
    if (value === 0 && /[1-9]/.test(token.split(/[eE]/, 1)[0] ?? '')) {
      throw this.#refused(`the number ${token.slice(0, 40)} is too small`);
    }
    return value === 0 ? 0 : value;
  }

  #word<T extends Json>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#refused('expected a value');
    this.#at += word.length;
    return value;
  }

  #closes(end: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== end) return false;
    this.#at += 1;
    return true;
  }

  #goesOn(end: string): boolean {
    if (this.#closes(end)) return false;
    this.#expect(',');
    return true;
  }

  #expect(character: string): void {
    if (!this.#closes(character)) throw this.#refused(`expected ${JSON.stringify(character)}`);
  }

  #skipSpace(): void {
    // Mostly there is none, and a look is cheaper than a match.
    if (this.#text.charCodeAt(this.#at) <= SPACE_CODE) this.#match(SPACE);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return null;
    this.#at = pattern.lastIndex;
    return found[0];
  }

  #refused(why: string): JsonRefused {
    return new JsonRefused(`Broken JSON at character ${String(this.#at)}: ${why}.`);
  }
}

/** 2^53 itself is exact; anything beyond is refused whatever it happens to round to. */
function isExactly(token: string, value: number): boolean {
  return Math.abs(value) === LARGEST_EXACT && token.replace('-', '') === String(LARGEST_EXACT);
}
