// Runs after `npm install` and `npm ci`. Plain JavaScript, so that an old Node can still say what is missing.
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `Node 24 is needed and this is ${process.versions.node}. It comes with "npm install" on Linux, Windows and`,
  );
  console.error('Intel Macs, unless optional packages are left out; elsewhere install it first: https://nodejs.org');
  process.exit(1);
}
const { prepare } = await import('./lib/setup.ts');
await prepare().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
