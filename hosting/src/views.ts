/** Every view of the page: who may see it, and where its code is. A view's code is loaded when it is first shown. */
import type { Permission } from '@bas/core/model/role';
import type { ComponentType } from 'preact';
import type { Client } from './api/client.ts';

export interface ViewProps {
  readonly client: Client;
  /** What of the view, such as a device; null for all. */
  readonly id: string | null;
}

export interface View {
  readonly title: string;
  readonly needs: Permission;
  /** Reached from another view, not from the menu. */
  readonly isInner?: boolean;
  readonly load: () => Promise<{ readonly default: ComponentType<ViewProps> }>;
}

/** By the first word of the address, in the order of the menu. */
export const VIEWS: Readonly<Record<string, View>> = {
  overview: { title: 'Overview', needs: 'telemetry.read', load: () => import('./overview/view.tsx') },
  device: { title: 'Device', needs: 'telemetry.read', isInner: true, load: () => import('./device/view.tsx') },
  devices: { title: 'Devices', needs: 'devices.manage', load: () => import('./operate/devices.tsx') },
  users: { title: 'Users', needs: 'users.manage', load: () => import('./operate/users.tsx') },
  audit: { title: 'Audit', needs: 'audit.read', load: () => import('./operate/audit.tsx') },
  usage: { title: 'Usage', needs: 'usage.read', load: () => import('./operate/usage.tsx') },
  cutover: { title: 'Cutover', needs: 'cutover.run', load: () => import('./cutover/view.tsx') },
  account: { title: 'Account', needs: 'account.own', load: () => import('./operate/account.tsx') },
};

/** Fetches a view's code while somebody is still typing. */
export function preload(name: string): void {
  const view = VIEWS[name] ?? VIEWS['overview'];
  view?.load().catch(() => undefined); // tried again, and told, when it is shown
}
