// Runs after `npm install` and `npm ci`. Plain JavaScript, so that an old Node can still say what is missing.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`Node 24 is needed, this is ${process.versions.node}. Reinstall with optional dependencies allowed.`);
  process.exit(1);
}
const { prepare } = await import('./lib/setup.ts');
await prepare().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
