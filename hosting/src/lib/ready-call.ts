export interface Call {
  readonly origin: string;
  readonly tenant_id: string;
  readonly device_id: string;
  readonly device_key: string;
}

/** A call for a POSIX shell that posts one point as the device. Ids hold nothing that a shell or JSON would take for its own. */
export function readyCall({ origin, tenant_id, device_id, device_key }: Call): string {
  const body = `'{"device_id":"${device_id}","points":[{"timestamp_ms":'$(date +%s)'000,"metrics":{"temperature":21.5}}]}'`;
  return [
    `curl ${origin}/v1/telemetry`,
    `-H 'X-BAS-Tenant: ${tenant_id}'`,
    `-H 'Content-Type: application/json'`,
    `-H 'Authorization: Bearer ${device_key}'`,
    `-d ${body}`,
  ].join(' \\\n  ');
}
