import { Problem } from '../errors.ts';
import type { Door, Route } from './route.ts';

export interface Match {
  readonly route: Route;
  readonly params: Record<string, string>;
}

/**
 * The route for a path and method; a function's bare URL is its first path. 404 when no path matches, 405 with `allow` when one does but
 * not its method.
 */
export function matchRoute(door: Door, method: string, path: string): Match {
  const segments = splitPath(isBare(path) ? (door.routes[0]?.path ?? '/') : path);
  const candidates = door.routes.flatMap((route) => {
    const params = matchPath(splitPath(route.path), segments);
    return params === null ? [] : [{ route, params }];
  });
  if (candidates.length === 0) throw new Problem('not_found', 'There is nothing at this address.');
  const match = candidates.find(({ route }) => route.method === method);
  if (match === undefined) {
    const allow = candidates.map(({ route }) => route.method);
    throw new Problem('method_not_allowed', `Use ${allow.join(' or ')}.`, { members: { allow } });
  }
  return match;
}

/** Whether the door answers this path with any method. */
export function hasPath(door: Door, path: string): boolean {
  const segments = splitPath(path);
  return door.routes.some((route) => matchPath(splitPath(route.path), segments) !== null);
}

export type LoadDoor = () => Promise<{ default: Door }>;

/** Of the doors that one function serves, the one that answers this path: the first one when none does. */
export async function findDoor([own, ...others]: readonly [LoadDoor, ...LoadDoor[]], path: string): Promise<Door> {
  const first = (await own()).default;
  if (isBare(path) || hasPath(first, path)) return first;
  for (const load of others) {
    const door = (await load()).default;
    if (hasPath(door, path)) return door;
  }
  return first;
}

function isBare(path: string): boolean {
  return path === '/' || path === '';
}

/** A function's own URL takes its paths with or without `/v1`. */
function splitPath(path: string): string[] {
  const segments = path.split('/').slice(1);
  return segments[0] === 'v1' ? segments.slice(1) : segments;
}

function matchPath(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (!part.startsWith('{')) {
      if (part !== segment) return null;
      continue;
    }
    const value = decodeSegment(segment);
    if (value === '') return null;
    params[part.slice(1, -1)] = value;
  }
  return params;
}

/** What cannot be decoded stays as it was sent: no id has a percent sign, so it is refused like any other that is none. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
