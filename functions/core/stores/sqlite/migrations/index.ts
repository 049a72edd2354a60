import type { Migration } from '../migrate.ts';
import { first } from './0001-first.ts';
import { cutover } from './0002-cutover.ts';
import { usage } from './0003-usage.ts';
import { serviceLevels } from './0004-service-levels.ts';
import { auditStays } from './0005-audit-stays.ts';

/** In order, each numbered one more than the one before. A released migration never changes. */
export const MIGRATIONS: readonly Migration[] = [first, cutover, usage, serviceLevels, auditStays];
