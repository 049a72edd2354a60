/** Log metrics, the e-mail channel, alert policies, the dashboard and SLOs. */
import { difference } from './compare.ts';
import type { Declared, Resource } from './declared.ts';
import type { Google } from './google.ts';
import { itemOf, type Item, type Step } from './steps.ts';
import * as z from 'zod';

export function monitoring(google: Google, declared: Declared, notify: string | undefined): readonly Step[] {
  const { log_metrics, alerts, dashboard, slos } = declared;
  return [
    { name: 'log metrics', width: 4, look: () => logMetrics(google, log_metrics) },
    { name: 'channel', look: () => channel(google, notify) },
    { name: 'alerts', look: () => alertPolicies(google, alerts) },
    { name: 'dashboard', look: () => dashboards(google, dashboard) },
    { name: 'slo service', look: () => sloService(google, slos.service) },
    { name: 'slos', look: () => objectives(google, slos) },
  ];
}

async function logMetrics(google: Google, wanted: Declared['log_metrics']): Promise<readonly Item[]> {
  const found = await google.list('logging', `v2/projects/${google.project}/metrics?pageSize=200`, 'metrics');
  return wanted.map((metric) => {
    const { name } = metric;
    const save = (verb: 'create' | 'update') => () =>
      google.gcloud(['logging', 'metrics', verb, name, '--config-from-file=-'], JSON.stringify(metric));
    const there = found.find((one) => one['name'] === name);
    const ways = { create: save('create'), change: save('update') };
    return itemOf(`log metric ${name}`, compared(metric, there), ways);
  });
}

const CHANNEL = 'operators';

async function channel(google: Google, notify: string | undefined): Promise<readonly Item[]> {
  const subject = `channel ${CHANNEL}`;
  const found = await findChannel(google);
  if (notify === undefined) {
    const detail = 'alerts reach nobody; give --notify EMAIL once';
    return [found === undefined ? { subject, sign: '!', detail } : { subject, sign: '=' }];
  }
  const wanted = {
    type: 'email',
    displayName: 'BAS operators',
    labels: { email_address: notify },
    userLabels: { bas_id: CHANNEL },
    enabled: true,
  };
  const path = `v3/projects/${google.project}/notificationChannels`;
  const create = () => google.send('monitoring', 'POST', path, wanted);
  const change = () => patch(google, `v3/${String(found?.['name'])}`, wanted);
  return [itemOf(subject, compared(wanted, found), { create, change })];
}

async function findChannel(google: Google): Promise<Resource | undefined> {
  const path = `v3/projects/${google.project}/notificationChannels?pageSize=200`;
  return byId(await google.list('monitoring', path, 'notificationChannels'), CHANNEL);
}

async function alertPolicies(google: Google, wanted: Declared['alerts']): Promise<readonly Item[]> {
  const path = `v3/projects/${google.project}/alertPolicies`;
  const found = await google.list('monitoring', `${path}?pageSize=200`, 'alertPolicies');
  const operators = (await findChannel(google))?.['name'];
  return wanted.map((policy) => {
    const there = byId(found, policy.userLabels.bas_id);
    const whole = { ...policy, notificationChannels: channelsWith(operators, there) };
    const create = () => google.send('monitoring', 'POST', path, whole);
    const change = () => patch(google, `v3/${String(there?.['name'])}`, whole);
    return itemOf(`alert ${policy.userLabels.bas_id}`, compared(whole, there), { create, change });
  });
}

const Channels = z.object({ notificationChannels: z.array(z.string()) });

/** Whom an alert tells besides the operators is a person's own choice, and stays. */
function channelsWith(operators: unknown, there: Resource | undefined): readonly unknown[] {
  const told = Channels.safeParse(there).data?.notificationChannels ?? [];
  return operators === undefined || told.some((name) => name === operators) ? told : [...told, operators];
}

async function dashboards(google: Google, wanted: Declared['dashboard']): Promise<readonly Item[]> {
  const path = `v1/projects/${google.project}/dashboards?pageSize=100`;
  const found = await google.list('monitoring', path, 'dashboards');
  const there = found.find(({ displayName }) => displayName === wanted.displayName);
  const run = (verb: readonly string[], content: Resource) =>
    google.gcloud(['monitoring', 'dashboards', ...verb, '--config-from-file=-'], JSON.stringify(content));
  const create = () => run(['create'], wanted);
  const change = () => run(['update', String(there?.['name'])], { ...wanted, etag: there?.['etag'] });
  return [itemOf(`dashboard ${wanted.displayName}`, compared(wanted, there), { create, change })];
}

async function sloService(google: Google, { id, ...service }: Declared['slos']['service']): Promise<readonly Item[]> {
  const services = `v3/projects/${google.project}/services`;
  const found = await google.read('monitoring', `${services}/${id}`);
  const create = () => google.send('monitoring', 'POST', `${services}?serviceId=${id}`, service);
  const change = () => patch(google, `${services}/${id}`, service);
  return [itemOf(`slo service ${id}`, compared(service, found ?? undefined), { create, change })];
}

async function objectives(google: Google, { service, objectives: wanted }: Declared['slos']): Promise<readonly Item[]> {
  const path = `v3/projects/${google.project}/services/${service.id}/serviceLevelObjectives`;
  const found = await google.list('monitoring', `${path}?pageSize=100&view=FULL`, 'serviceLevelObjectives');
  return wanted.map(({ id, ...objective }) => {
    const there = found.find(({ name }) => String(name).endsWith(`/${id}`));
    const create = () => google.send('monitoring', 'POST', `${path}?serviceLevelObjectiveId=${id}`, objective);
    const change = () => patch(google, `${path}/${id}`, objective);
    return itemOf(`slo ${id}`, compared(objective, there), { create, change });
  });
}

function compared(wanted: Resource, there: Resource | undefined) {
  return { there: there !== undefined, differs: there === undefined ? null : difference(wanted, there) };
}

/** Changes what is declared and leaves the rest, such as a person's own notes, as it is. */
function patch(google: Google, path: string, wanted: Resource): Promise<Resource> {
  return google.send('monitoring', 'PATCH', `${path}?updateMask=${maskOf(wanted)}`, wanted);
}

function maskOf(wanted: Resource): string {
  return Object.keys(wanted).join(',');
}

function byId(found: readonly Resource[], id: string): Resource | undefined {
  return found.find(({ userLabels }) => difference({ bas_id: id }, userLabels) === null);
}
