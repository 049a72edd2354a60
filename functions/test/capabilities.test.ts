import assert from 'node:assert/strict';
import { dirname, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '../..');

const door = (builder: string, body: string): string => `
import { ${builder} } from '@bas/core';
const shape = { method: 'GET', path: '/v1/x', summary: '', answer: { status: 200, description: '' } } as const;
${builder === 'sessionRoute' ? "sessionRoute('telemetry.read', shape," : `${builder}(shape,`} async (access, input, visit) => {
  ${body}
  return { status: 200 };
});`;

/** Doors somebody might write when the tenant check is forgotten; each must be refused by the compiler. */
const FORGED: Readonly<Record<string, string>> = {
  'asks the visit for stores': door('sessionRoute', 'await visit.stores();'),
  'goes through the suite': door('sessionRoute', 'await visit.suite.backend();'),
  'turns its stores to another tenant': door('sessionRoute', "access.stores.forTenant('globex');"),
  'looks up a credential': door('sessionRoute', "await access.stores.credentials.findKey('x');"),
  'names another tenant in a query': door('sessionRoute', "await access.stores.devices.get('globex', 'boiler');"),
  'reads while signing in': door('signInRoute', "await access.stores.devices.get('boiler');"),
  'looks for stores behind the cutover': door('operatorRoute', "await access.stores.devices.get('boiler');"),
  'goes through the cutover': door('operatorRoute', 'await access.cutover.suite.backend();'),
  'imports the stores': "import { openBackend } from '@bas/core';\nvoid openBackend;",
};

const HONEST = door('sessionRoute', "await access.stores.devices.get('boiler'); void visit.now_ms;");

/** What the compiler says of each door, with the project's own options; the files exist in memory alone. */
function complaints(doors: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  const file = resolve(ROOT, 'tsconfig.json');
  const config = ts.parseJsonConfigFileContent(ts.readConfigFile(file, ts.sys.readFile).config, ts.sys, dirname(file));
  const options = { ...config.options, incremental: false, noUnusedLocals: false, noUnusedParameters: false };
  delete options.tsBuildInfoFile;
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => doors.has(name) || fileExists(name);
  host.getSourceFile = (name, version) => {
    const text = doors.get(name);
    return text === undefined ? getSourceFile(name, version) : ts.createSourceFile(name, text, version);
  };
  const program = ts.createProgram([...doors.keys()], options, host);
  const said = [...doors.keys()].map((name): [string, string[]] => {
    const found = program.getSemanticDiagnostics(program.getSourceFile(name));
    return [name, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))];
  });
  return new Map(said);
}

describe('capabilities', () => {
  const texts = Object.entries({ 'is honest': HONEST, ...FORGED });
  const files = new Map(texts.map(([name, text]) => [fileOf(name), text]));
  let said: ReadonlyMap<string, readonly string[]>;

  before(() => {
    said = complaints(files);
  });

  it('let an honest door compile', () => {
    assert.deepEqual(said.get(fileOf('is honest')), []);
  });

  for (const name of Object.keys(FORGED)) {
    it(`refuse a door that ${name}`, () => {
      assert.equal(said.get(fileOf(name))?.length, 1);
    });
  }
});

function fileOf(name: string): string {
  return resolve(ROOT, 'functions/src/https', `${name.replaceAll(' ', '-')}.ts`);
}
