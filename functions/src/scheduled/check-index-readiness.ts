import { checkIndexReadiness } from '@bas/core/cutover/schedules';

export default checkIndexReadiness;
