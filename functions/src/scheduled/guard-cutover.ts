import { guardCutover } from '@bas/core/cutover/schedules';

export default guardCutover;
