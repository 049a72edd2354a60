import assert from 'node:assert/strict';
import { DeviceBody, DevicePatchBody } from './body.ts';

describe('what may be said of a device', () => {
  it('can be read: blanks alone, controls and turned text are refused in names and tags', () => {
    for (const text of ['   ', 'a\u0000b', 'a\nb', 'live \u202e evil', '\u2066x\u2069']) {
      assert.equal(DeviceBody.safeParse({ device_id: 'ahu-1', name: text }).success, false, JSON.stringify(text));
      if (text.trim() !== '') assert.equal(DevicePatchBody.safeParse({ tags: { floor: text } }).success, false);
    }
  });

  it('may be in any language, and a tag may be empty', () => {
    for (const name of ['Lüftung Dach', 'غرفة ١٠١', '机房', 'Lab 👩‍🔬', ' padded ']) {
      assert.equal(DeviceBody.parse({ device_id: 'ahu-1', name, tags: { note: '' } }).name, name);
    }
  });
});
