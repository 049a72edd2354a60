import { sealAudit } from '@bas/core/audit/schedule';

export default sealAudit;
