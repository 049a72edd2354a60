import { Firestore } from '@google-cloud/firestore';
import { ofAttempt } from './attempts.ts';
import { identifiedBy, identityIn, UNIVERSE } from './credentials.ts';

/**
 * Nothing below this suite's own policy tries again. Left to itself the layer under the SDK repeats every failed stream, a
 * missing index too, twice within seven seconds; its newer way, taken here, would repeat an unavailable store twenty times
 * a second for ten minutes, so it is left nothing to repeat. `attempts.ts` does the same to the SDK.
 */
const STREAM_RETRIES = {
  gaxServerStreamingRetries: true,
  clientConfig: {
    interfaces: {
      'google.firestore.v1.Firestore': {
        retry_codes: { none: [] },
        methods: {
          RunQuery: { retry_codes_name: 'none' },
          BatchGetDocuments: { retry_codes_name: 'none' },
          RunAggregationQuery: { retry_codes_name: 'none' },
        },
      },
    },
  },
};

/**
 * The SDK's client, straight from `@google-cloud/firestore` over gRPC. Measured side by side, `firebase-admin` took 10 %
 * longer to its first read and REST twice as long for each one after it.
 */
export function connect(project_id: string, emulator_host: string | undefined): Firestore {
  const options = {
    projectId: project_id,
    ignoreUndefinedProperties: false,
    ...STREAM_RETRIES,
    // A store that comes back is found within seconds; the default waits up to two minutes.
    'grpc.initial_reconnect_backoff_ms': 500,
    'grpc.max_reconnect_backoff_ms': 2_000,
    'grpc.callInvocationTransformer': ofAttempt,
    universeDomain: UNIVERSE,
  };
  if (emulator_host !== undefined) return new Firestore({ ...options, host: emulator_host, ssl: false });
  const auth = identityIn(project_id);
  return identifiedBy(auth, new Firestore({ ...options, auth }));
}
