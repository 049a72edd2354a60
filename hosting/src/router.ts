/** Where the page is, as the part of its address behind `#`: servers and their logs never see it. */
import { computed, signal } from '@preact/signals';

/** Such as `#/device/ahu-1?range=day`. */
export interface Place {
  readonly view: string;
  /** What of it, such as a device. */
  readonly id: string | null;
  readonly options: Readonly<Record<string, string>>;
}

const hash = signal(location.hash);
window.addEventListener('hashchange', () => (hash.value = location.hash));

export const place = computed((): Place => parsePlace(hash.value));

export function parsePlace(text: string): Place {
  const [path = '', query = ''] = text.replace(/^#\/?/, '').split('?', 2);
  const [view = '', id] = path.split('/');
  return { view, id: id === undefined ? null : decoded(id), options: Object.fromEntries(new URLSearchParams(query)) };
}

export function addressOf(view: string, id?: string, options: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(options).toString();
  return `#/${view}${id === undefined ? '' : `/${encodeURIComponent(id)}`}${query === '' ? '' : `?${query}`}`;
}

export function go(address: string): void {
  location.hash = address;
}

/** Changes options of this place without a step in the browser's history. */
export function adjust(options: Readonly<Record<string, string>>): void {
  const { view, id, options: before } = place.value;
  history.replaceState(null, '', addressOf(view, id ?? undefined, { ...before, ...options }));
  hash.value = location.hash;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
