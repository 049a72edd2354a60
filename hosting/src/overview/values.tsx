import { expectedInterval_ms } from '@bas/core/model/staleness';
import type { Device } from '../api/answers.ts';
import { unitOf, valueText } from '../lib/units.ts';
import { duration } from '../lib/words.ts';
import type { Newest } from './known-values.ts';
import { firstNumber, shownMetrics } from './metrics.ts';
import { sparkOf } from './sparkline.ts';

const MOST_VALUES = 3;
const SPARK = { width: 120, height: 26 };

interface ValuesProps {
  readonly device: Device;
  readonly newest: Newest;
}

/** The newest value of the first few metrics. */
export function Values({ device, newest }: ValuesProps) {
  if (newest.timestamp_ms === null) return <span class="quiet">No points yet</span>;
  const { values, others } = shownMetrics(newest.metrics, MOST_VALUES);
  return (
    <dl>
      {values.map(([metric, value]) => {
        const text = valueText(value, unitOf(metric, device));
        return (
          <div key={metric} title={`${metric}: ${text}`}>
            <dt>{metric}</dt>
            <dd class="figure">{text}</dd>
          </div>
        );
      })}
      {others.length === 0 ? null : (
        <div class="more" title={others.join(', ')}>
          <dt>more</dt>
          <dd class="figure">+{others.length}</dd>
        </div>
      )}
    </dl>
  );
}

/** The recent course of the first number. */
export function Sparkline({ device, newest }: ValuesProps) {
  const metric = firstNumber(newest.metrics);
  const spark =
    metric === null ? null : sparkOf(newest.points, metric, expectedInterval_ms(device.expected_interval_ms), SPARK);
  if (metric === null || spark === null) return null;
  const unit = unitOf(metric, device);
  const range =
    spark.low === spark.high
      ? `always ${valueText(spark.low, unit)}`
      : `${valueText(spark.low, unit)} to ${valueText(spark.high, unit)}`;
  const words = `${metric}, ${range} in ${duration(spark.span_ms)}`;
  return (
    <svg viewBox={`0 0 ${SPARK.width} ${SPARK.height}`} preserveAspectRatio="none" role="img" aria-label={words}>
      <title>{words}</title>
      <path d={spark.path} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
