/** What a person needs to try the demo: sign-ins, and commands to paste. */
import type { Demo } from '@bas/core/demo/file';

function signIns(demo: Demo): string[] {
  const users = demo.tenants.flatMap(({ tenant_id, users }) => users.map((user) => ({ tenant_id, ...user })));
  return [demo.platform_admin, ...users].map(
    ({ tenant_id, username, password }) => `  ${tenant_id.padEnd(8)} ${username.padEnd(10)} ${password}`,
  );
}

/** Where to look, and as whom: an administrator sees most. */
function firstLook({ platform_admin, tenants }: Demo, url: string): string[] {
  const [tenant] = tenants;
  const admin = tenant?.users.find(({ role }) => role === 'admin');
  if (!tenant || !admin) return [];
  return [
    `Open ${url} and sign in: tenant ${tenant.tenant_id}, user ${admin.username}, password ${admin.password}`,
    `  (${platform_admin.username} of ${platform_admin.tenant_id} sees the move to Firestore instead)`,
  ];
}

/** A device's post, a sign-in and a query, each ready to paste. */
function commands(demo: Demo, url: string): string[] {
  const tenant = demo.tenants[0];
  const device = tenant?.devices[0];
  const viewer = tenant?.users.find(({ role }) => role === 'viewer');
  if (!tenant || !device || !viewer) return [];
  const header = `-H 'X-BAS-Tenant: ${tenant.tenant_id}'`;
  const json = "-H 'Content-Type: application/json'";
  const metrics = JSON.stringify({ temperature: 21.5, occupied: true });
  // The shell puts the time in, so that the same line posts a new point each time; %3N would not work everywhere.
  const point = `{"timestamp_ms":'$(date +%s)'000,"metrics":${metrics}}`;
  const body = `{"device_id":${JSON.stringify(device.device_id)},"points":[${point}]}`;
  const credentials = JSON.stringify({ username: viewer.username, password: viewer.password });
  return [
    'A device posts:',
    `  curl ${url}/v1/telemetry ${header} ${json} -H 'Authorization: Bearer ${device.key}' -d '${body}'`,
    'A person signs in and asks:',
    `  curl -c /tmp/bas-cookies ${url}/v1/login ${header} ${json} -d '${credentials}'`,
    `  curl -b /tmp/bas-cookies '${url}/v1/telemetry/recent?device_id=${device.device_id}&limit=2' ${header}`,
  ];
}

/** What `npm start` and `npm run serve -- --demo` show when all is up. */
export function demoGuide(demo: Demo, url: string): string {
  return [
    ...firstLook(demo, url),
    '',
    'Demo sign-ins (tenant, user, password):',
    ...signIns(demo),
    '',
    ...commands(demo, url),
  ].join('\n');
}
