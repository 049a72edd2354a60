/** `npm run audit`: seals the audit log, shows whether it is as it was sealed, and takes it out. */
import type { Head } from '@bas/core/audit/chain';
import { headsIn, writeNew, type Ending } from './lib/audit-file.ts';
import { onLogs, Stopped } from './lib/audit-logs.ts';
import { headFrom, auditCommand, tenantFrom, usages, type Verb } from './lib/audit-options.ts';
import { conclusion, describeVerification, headText, notKnown } from './lib/audit-report.ts';
import { exported, sealOne, type Sealed, verifyFile, verifyLogs } from './lib/audit-work.ts';
import { parseOptions, runCommand, tellError, UsageError, type ExitCode } from './lib/cli.ts';
import { counted } from './lib/words.ts';
import { runVerb } from './lib/verbs.ts';

/** A finding is exit 1, so that a program can tell it from not knowing. */
const NOT_READ = 3;

type Act = (args: readonly string[]) => Promise<ExitCode>;

const acts: Readonly<Record<Verb, Act>> = {
  verify: async (args) => {
    const options = parseOptions(usages.verify, args);
    if (options === null) return 0;
    const { head, against, file, json } = options;
    const tenant = tenantFrom(options.tenant);
    if (head !== undefined && against !== undefined)
      throw new UsageError('--head and --against say the same: give one.');
    const given_any = head !== undefined || against !== undefined;
    const given = head === undefined ? null : headFrom(head, tenant);
    try {
      const kept = given ?? (against === undefined ? new Map<string, Head>() : await headsIn(against));
      const found =
        file === undefined
          ? await onLogs(options.data, (logs) => verifyLogs(logs, tenant, kept))
          : await verifyFile(file, tenant, kept);
      const lines = [...found.map(describeVerification), conclusion(found, given_any)];
      console.log(json ? JSON.stringify({ tenants: found }) : lines.join('\n'));
      if (found.some(({ findings }) => findings.length > 0)) return 1;
      return notKnown(found, given_any) === null ? 0 : NOT_READ;
    } catch (error) {
      if (error instanceof Stopped) throw error;
      tellError(error);
      return NOT_READ;
    }
  },

  export: async (args) => {
    const options = parseOptions(usages.export, args);
    if (options === null) return 0;
    const { out, json } = options;
    if (out === undefined) throw new UsageError('--out is missing: name a new file.');
    const tenant = tenantFrom(options.tenant);
    const endings: Ending[] = [];
    await onLogs(options.data, (logs) => writeNew(out, exported(logs, tenant, endings)));
    const heads = endings.map(({ end_of, events, head }) => {
      return `${end_of}: ${counted(events, 'event')}, newest seal ${head === null ? 'none' : headText(head)}`;
    });
    const advice = `Wrote ${out}. Keep the newest seals elsewhere: verify --against this file, or --head, holds the log against them.`;
    console.log(json ? JSON.stringify({ out, tenants: endings }) : [...heads, advice].join('\n'));
    return 0;
  },

  seal: async (args) => {
    const options = parseOptions(usages.seal, args);
    if (options === null) return 0;
    const tenant = tenantFrom(options.tenant);
    const made = await onLogs(options.data, async (logs) => {
      const each: Sealed[] = [];
      for (const tenant_id of await logs.tenants(tenant)) each.push(await sealOne(logs, tenant_id, options));
      return each;
    });
    const lines = made.map(({ tenant_id, seals, events, late }) => {
      const taken = late.map((event_id) => `\n  took in event ${event_id}`).join('');
      return `${tenant_id}: ${counted(events, 'event')} in ${counted(seals, 'seal')}.${taken}`;
    });
    console.log(options.json ? JSON.stringify({ tenants: made }) : lines.join('\n'));
    return 0;
  },
};

async function main(line: readonly string[]): Promise<ExitCode> {
  try {
    return await runVerb(auditCommand, line, (verb, args) => acts[verb](args));
  } catch (error) {
    if (error instanceof Stopped) return 130;
    throw error;
  }
}

await runCommand(main);
