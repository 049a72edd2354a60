/** A key in the one moment in which it can be seen. */
import { CopyButton, Dialog, Notice } from '../ui/parts.tsx';
import { readyCall } from '../lib/ready-call.ts';

interface NewKeyProps {
  readonly tenant_id: string;
  readonly device_id: string;
  readonly device_key: string;
  readonly onStored: () => void;
}

export function NewKeyDialog({ tenant_id, device_id, device_key, onStored }: NewKeyProps) {
  const call = readyCall({ origin: location.origin, tenant_id, device_id, device_key });
  return (
    <Dialog title={`The key of ${device_id}`} firm onClose={onStored}>
      <div class="stack">
        <Notice tone="warn">It is shown this once and kept nowhere: store it now.</Notice>
        <Copied label="Key" text={device_key} />
        <Copied label="A first point, from any shell" text={call} />
        <div class="row end">
          <button type="button" class="primary" onClick={onStored}>
            I have stored it
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function Copied({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <section class="copied" aria-label={label}>
      <div class="row">
        <h3 class="grow">{label}</h3>
        <CopyButton text={text} label={`Copy ${label === 'Key' ? 'the key' : 'the call'}`} />
      </div>
      <pre tabIndex={0}>{text}</pre>
    </section>
  );
}
