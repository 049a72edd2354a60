import { parseCostOptions, readAssumptions, type CostOptions } from './assumptions.ts';
import { limitsOf } from './limits.ts';
import { monthOf } from './model.ts';
import { PRICES } from './prices.ts';
import { report } from './report.ts';
import { tableOf } from './table.ts';

/** What the command prints for these options. */
export function costText(options: CostOptions): string {
  if (options.table) return tableOf(options);
  const month = monthOf(readAssumptions(options));
  return options.json ? JSON.stringify({ ...month, limits: limitsOf(month), prices: PRICES }) : report(month);
}

const SHOWN = /(<!-- npm run -s cost -- (.*?) -->)[\s\S]*?(<!-- end -->)/g;

/** Whether a document has commands whose output it shows. */
export function showsCommands(document: string): boolean {
  return document.search(SHOWN) >= 0;
}

/** A document with what its commands print now: each stands in a comment, and its output goes on to `<!-- end -->`. */
export function renewed(document: string): string {
  return document.replaceAll(SHOWN, (_block, opening: string, line: string, closing: string) => {
    const options = parseCostOptions(line.split(/\s+/));
    if (options === null) return `${opening}${closing}`;
    const text = options.table ? costText(options) : `\`\`\`text\n${costText(options)}\n\`\`\``;
    return `${opening}\n\n${text}\n\n${closing}`;
  });
}
