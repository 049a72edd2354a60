import { Timestamp } from '@google-cloud/firestore';
import { BrokenDocument } from '../../errors.ts';
import { loggedPath } from './paths.ts';

/** The fields of one stored document, read by name and type: a document that someone changed by hand fails loudly. */
export class Fields {
  readonly #path: string;
  readonly #data: Readonly<Record<string, unknown>>;

  constructor(path: string, data: Readonly<Record<string, unknown>>) {
    this.#path = path;
    this.#data = data;
  }

  text(name: string): string {
    const value = this.#data[name];
    return typeof value === 'string' ? value : this.#wrong(name, 'a string');
  }

  textOrNull(name: string): string | null {
    return this.isAbsent(name) ? null : this.text(name);
  }

  number(name: string): number {
    const value = this.#data[name];
    return typeof value === 'number' ? value : this.#wrong(name, 'a number');
  }

  numberOrNull(name: string): number | null {
    return this.isAbsent(name) ? null : this.number(name);
  }

  flag(name: string): boolean {
    const value = this.#data[name];
    return typeof value === 'boolean' ? value : this.#wrong(name, 'a boolean');
  }

  time_ms(name: string): number {
    const value = this.#data[name];
    return value instanceof Timestamp ? value.toMillis() : this.#wrong(name, 'a timestamp');
  }

  oneOf<const T extends string | number>(name: string, values: readonly T[]): T {
    const value = this.#data[name];
    return values.find((allowed) => allowed === value) ?? this.#wrong(name, `one of ${values.join(', ')}`);
  }

  map(name: string): Fields {
    return new Fields(`${this.#path}.${name}`, this.#object(name, this.#data[name]));
  }

  /** The members of a map whose values are maps, such as a device's keys. */
  maps(name: string): readonly (readonly [string, Fields])[] {
    return this.map(name).members();
  }

  /** The members of this map, whose values are maps all. */
  members(): readonly (readonly [string, Fields])[] {
    const members = Object.entries(this.#data);
    return members.map(([key, value]) => [key, new Fields(`${this.#path}.${key}`, this.#object(key, value))]);
  }

  list(name: string): readonly Fields[] {
    const value = this.#data[name];
    if (!Array.isArray(value)) return this.#wrong(name, 'a list');
    const items: readonly unknown[] = value;
    return items.map((item, at) => new Fields(`${this.#path}.${name}.${at}`, this.#object(name, item)));
  }

  /** A map from whole numbers to texts, as it is: checked, not copied. */
  textsByNumber(name: string): Readonly<Record<string, string>> {
    const value = this.#data[name];
    return isTextsByNumber(value) ? value : this.#wrong(name, 'a map from whole numbers to strings');
  }

  /** Whatever is there. */
  raw(name: string): unknown {
    return this.#data[name];
  }

  isAbsent(name: string): boolean {
    return this.#data[name] === undefined || this.#data[name] === null;
  }

  #object(name: string, value: unknown): Readonly<Record<string, unknown>> {
    return isObject(value) ? value : this.#wrong(name, 'a map');
  }

  #wrong(name: string, expected: string): never {
    throw new BrokenDocument(loggedPath(this.#path), `field ${name} should be ${expected}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Short enough for any offset in a bucket, and to be an instant with it. */
const WHOLE_NUMBER = /^(?:0|[1-9]\d{0,11})$/;

function isTextsByNumber(value: unknown): value is Readonly<Record<string, string>> {
  if (!isObject(value)) return false;
  for (const name in value) if (typeof value[name] !== 'string' || !WHOLE_NUMBER.test(name)) return false;
  return true;
}
