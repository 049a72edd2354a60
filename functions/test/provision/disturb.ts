/** A project that is as declared becomes one that is not. */
import type { GoogleCloud } from './google-cloud.ts';
import { PROJECT } from './running.ts';
import type { Thing } from './world.ts';

/** Something of each kind becomes different, is missing, or is somebody else's. */
export function disturb(cloud: GoogleCloud): void {
  const project = `projects/${PROJECT}`;
  const set = (api: Parameters<GoogleCloud['world']>[0], name: string, fields: Thing) => {
    const { things } = cloud.world(api);
    things.set(name, { ...cloud.world(api).get(name), ...fields });
  };
  const monitoring = cloud.world('monitoring');
  const names = (collection: string) => monitoring.list(`${project}/${collection}`).map(({ name }) => String(name));
  const [first = '', second = ''] = names('alertPolicies');
  set('monitoring', first, { severity: 'ERROR' });
  monitoring.things.delete(second);
  monitoring.create(`${project}/alertPolicies/theirs`, { displayName: 'somebody else', combiner: 'OR' });
  set('monitoring', names('dashboards')[0] ?? '', { mosaicLayout: { columns: 6 } });
  set('monitoring', `${project}/services/bas`, { displayName: 'another' });
  set('monitoring', `${project}/services/bas/serviceLevelObjectives/availability`, { goal: 0.9 });
  set('iam', `${project}/roles/basSeriesReader`, { title: 'another' });
  set('logging', `${project}/metrics/bas_failures`, { description: 'another' });
  cloud.world('logging').things.delete(`${project}/metrics/bas_reads`);
  cloud.world('firebaserules').things.delete(`${project}/releases/cloud.firestore`);
  set('firestore', `${project}/databases/(default)`, { pointInTimeRecoveryEnablement: '' });
}
