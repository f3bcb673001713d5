/** A provider that was not asked, or does not answer. No fault of the library: it is said calmly. */
import { isAway } from "@/api/hub";
import { useStatus } from "@/hooks/useLibrary";
import { navigate } from "@/hooks/useLocation";
import { useSettings } from "@/hooks/useSettings";
import { S } from "@/strings";
import type { Settings } from "@/types/shapes";
import { Button, Empty, Failure } from "./ui";

interface Props {
  error: unknown;
  onRetry: () => void;
}

export function HubAway({ error, onRetry }: Props) {
  const isOff = useStatus().data?.network.offline === true;
  if (!isAway(error)) return <Failure error={error} onRetry={onRetry} />;
  if (isOff) return <SwitchedOff />;
  return (
    <Empty icon="cloudOff" title={error.message} hint={S.hub.awayHint}>
      <Button icon="refresh" onPress={onRetry}>
        {S.retry}
      </Button>
    </Empty>
  );
}

function SwitchedOff() {
  const { data } = useSettings();
  return (
    <Empty icon="cloudOff" title={S.hub.off} hint={data && reason(data.offline)}>
      <ToSettings />
    </Empty>
  );
}

export function ToSettings() {
  return (
    <Button icon="settings" onPress={() => navigate("/settings")}>
      {S.hub.toSettings}
    </Button>
  );
}

/** Which switch it was. */
function reason({ stored, variable }: Settings["offline"]): string {
  if (variable) return S.settings.offlineBy(variable);
  return stored ? S.hub.offBySetting : S.hub.offByOption;
}
