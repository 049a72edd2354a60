/** What the server answers, by the very schemas that describe it in OpenAPI. */
import { CutoverAnswer } from '@bas/core/cutover/shapes';
import * as answers from '@bas/core/http/answers';

/** Tells whether an answer is what it should be. */
export interface Schema<T> {
  safeParse(answer: unknown): { readonly success: true; readonly data: T } | { readonly success: false };
}
type Of<S> = S extends Schema<infer T> ? T : never;

export const Session = answers.SessionAnswer();
export type Session = Of<typeof Session>;
export const Latest = answers.LatestAnswer();
export type LatestDevice = Of<typeof Latest>['devices'][number];
export const Page = answers.PageAnswer();
export type Page = Of<typeof Page>;
export type Point = Page['points'][number];
export type Metrics = Point['metrics'];
export const DeviceList = answers.ShownDeviceListAnswer();
export const OneDevice = answers.ShownDeviceAnswer();
/** A device as whoever looks at it needs it. */
export type Device = Of<typeof OneDevice>;

export const ManagedDevice = answers.DeviceAnswer();
/** A device as whoever manages it needs it, with its keys. */
export type ManagedDevice = Of<typeof ManagedDevice>;
export const NewDevice = answers.NewDeviceAnswer();
export const NewKey = answers.NewKeyAnswer();
export const ManagedDeviceList = answers.DeviceListAnswer();
export const User = answers.UserAnswer();
export type User = Of<typeof User>;
export const UserList = answers.UserListAnswer();
export const SessionList = answers.SessionListAnswer();
export type OwnSession = Of<typeof SessionList>['sessions'][number];
export const AuditList = answers.AuditListAnswer();
export type AuditEvent = Of<typeof AuditList>['events'][number];
export const Usage = answers.UsageAnswer();
export type UsageRow = Of<typeof Usage>['usage'][number];
export const Cutover = CutoverAnswer();
export type Cutover = Of<typeof Cutover>;
