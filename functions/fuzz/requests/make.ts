/** The requests of a run: each place of it always makes the same one. */
import type { Operation } from './description.ts';
import { randomAt, type Random } from './random.ts';
import type { FuzzRequest } from './request.ts';
import type { Frame } from './raw-frame.ts';
import { byteRequest } from './spoil-bytes.ts';
import { HEAD_SPOILS } from './spoil-head.ts';
import { JSON_SPOILS } from './spoil-json.ts';
import { BODY_SPOILS } from './spoil-body.ts';
import { QUERY_SPOILS } from './spoil-query.ts';
import { draft, requestOf } from './valid.ts';
import type { Known } from './values.ts';

export interface Ground {
  readonly operations: readonly Operation[];
  readonly known: Known;
  readonly frame: Frame;
}

/** How often nothing is spoilt, and how often what is spoilt are the bytes around a request. */
const VALID = 0.03;
const BYTES = 0.15;
/** A spoil that has nothing to spoil in a route makes way for another. */
const TRIES = 20;

export function makeRequest(seed: number, place: number, ground: Ground): FuzzRequest {
  const random = randomAt(seed, place);
  const kind = random.next();
  if (kind < BYTES) return byteRequest(random, ground.frame);
  const operation = random.pick(ground.operations);
  const made = draft(random, operation, ground.known);
  if (kind < BYTES + VALID) return requestOf(made, 'valid');
  for (let tries = 0; tries < TRIES; tries += 1) {
    const spoilt = random.pick(spoilsOf(random, operation))(random, made);
    if (spoilt !== null) return spoilt;
  }
  return requestOf(made, 'valid');
}

function spoilsOf(random: Random, { body }: Operation) {
  if (body === null) return random.chance(0.7) ? QUERY_SPOILS : HEAD_SPOILS;
  return random.pick([BODY_SPOILS, BODY_SPOILS, QUERY_SPOILS, HEAD_SPOILS, JSON_SPOILS, JSON_SPOILS]);
}
