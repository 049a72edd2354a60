// Runs a verb from a fresh clone: installs when nothing is, then hands over to the project's own Node.
// Plain JavaScript, because the machine's Node may be too old for TypeScript.
import { spawnSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [verb, ...rest] = process.argv.slice(2);

function install(folder, args) {
  if (existsSync(join(root, folder, 'node_modules', '.package-lock.json'))) return;
  console.log('Installing packages (once)...');
  const { status } = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) process.exit(status ?? 1);
}

install('.', ['ci', '--loglevel=error']);
install('functions', ['run', '--silent', 'prepare']); // left out by --ignore-scripts

const script = join(root, 'scripts', `${verb}.ts`);
if (Number(process.versions.node.split('.')[0]) >= 24) {
  process.argv = [process.execPath, script, ...rest];
  await import(pathToFileURL(script).href);
} else {
  const child = spawn(join(root, 'node_modules', '.bin', 'node'), [script, ...rest], { stdio: 'inherit' });
  // The terminal signals the whole group; what is sent to this process alone is passed on.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 130 : 1)));
}
