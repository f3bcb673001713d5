/** One application: how it stands, what a sync would do, and doing it. */
import { useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import {
  type AppActions,
  useAppActions,
  useIsBusy,
  usePreview,
  useReplaced,
} from "@/hooks/useApps";
import { useHealth } from "@/hooks/useLibrary";
import { setParameters, useLocation } from "@/hooks/useLocation";
import { fractionOf, useWorkingOn } from "@/hooks/useWorking";
import { S } from "@/strings";
import type { App, AppPreview, Finding } from "@/types/shapes";
import { AppGroups, UNWANTED } from "./AppGroups";
import { AppMenu } from "./AppMenu";
import { AppState } from "./AppsPage";
import { ConflictDialog } from "./ConflictDialog";
import { GaveWay } from "./GaveWay";
import { Icon } from "./icons";
import { ProfileEditor } from "./ProfileEditor";
import { Badge, Button, Failure, Foreign, Meter, Skeleton } from "./ui";

/** What health says of links that a sync does not put right by itself. */
const OF_LINKS = new Set([
  "outdated-link",
  "link-elsewhere",
  "broken-link",
  "missing-link",
  "detached-hard-link",
  "only-copy",
  "forgotten-root",
  "unfinished-work",
  "unseen-link",
]);

export function AppDetail({ app }: { app: App }) {
  const [prune, setPrune] = useState(false);
  const { parameters } = useLocation();
  const preview = usePreview(app.app_id, prune);
  const actions = useAppActions(app.app_id);
  const isBusy = useIsBusy(app.app_id);
  const replaced = useReplaced(app.app_id).data ?? [];
  const health = useHealth().data;
  const broken = health?.findings.filter(
    (finding) => finding.app === app.app_id && OF_LINKS.has(finding.code),
  );
  return (
    <div className="px-6 py-5 max-md:px-3">
      <header className="flex flex-wrap items-start gap-3">
        <div className="min-w-56 flex-1">
          <h2 className="flex flex-wrap items-center gap-2 text-base font-semibold">
            <Foreign text={app.name} />
            <Badge>{S.apps.version(app.version)}</Badge>
            {app.variant && <Badge tone="accent">{app.variant}</Badge>}
            <AppState app={app} />
          </h2>
          <Foreign text={app.path} className="font-mono text-xs text-ink-2" />
        </div>
        <div className="ml-auto flex shrink-0 gap-3 max-md:ml-0">
          <Button
            icon="refresh"
            isDisabled={preview.isFetching || isBusy}
            onPress={() => preview.refetch()}
          >
            {S.apps.refresh}
          </Button>
          <Button
            look="primary"
            icon="link"
            isDisabled={isBusy || !preview.data}
            onPress={() => actions.sync.mutate({ prune })}
          >
            {isBusy ? S.apps.syncing : S.apps.sync}
          </Button>
          <AppMenu
            app={app}
            actions={actions}
            isBusy={isBusy}
            kept={replaced.length}
            onRemoved={() => setParameters({ app: "" })}
          />
        </div>
      </header>
      {isBusy && <Busy app={app.app_id} />}
      {app.state === "offline" && <p className="mt-3 text-warn">{S.apps.offlineHint}</p>}
      {preview.error && <Failure error={preview.error} onRetry={preview.refetch} />}
      {!preview.data && !preview.error && <Skeleton className="mt-5 h-40" />}
      <Tabs
        className="mt-4 outline-none!"
        selectedKey={parameters.get("tab") ?? "links"}
        onSelectionChange={(key) => setParameters({ tab: key === "links" ? "" : String(key) })}
      >
        <TabList aria-label={S.profile.tabsLabel} className="flex gap-4 border-b border-line">
          {(["links", "profile"] as const).map((name) => (
            <Tab
              key={name}
              id={name}
              className="-mb-px flex h-8 cursor-default items-center rounded-t border-b-2 border-transparent px-1 text-ink-2 outline-offset-[-2px] hover:text-ink selected:border-accent selected:font-medium selected:text-accent-text"
            >
              {S.profile.tabs[name]}
            </Tab>
          ))}
        </TabList>
        <TabPanel id="links" className="outline-none">
          {preview.data && (
            <>
              <Prune preview={preview.data} prune={prune} onChange={setPrune} />
              <Links
                preview={preview.data}
                broken={broken ?? []}
                actions={actions}
                isBusy={isBusy}
                prune={prune}
              />
            </>
          )}
          <div className="mt-3">
            <GaveWay replaced={replaced} actions={actions} isBusy={isBusy} />
          </div>
        </TabPanel>
        <TabPanel id="profile" className="outline-none">
          {(preview.data || preview.error) && <ProfileEditor app={app} preview={preview.data} />}
        </TabPanel>
      </Tabs>
    </div>
  );
}

interface LinksProps {
  preview: AppPreview;
  broken: readonly Finding[];
  actions: AppActions;
  isBusy: boolean;
  prune: boolean;
}

function Links({ preview, broken, actions, isBusy, prune }: LinksProps) {
  const [deciding, setDeciding] = useState(false);
  const asked = useLocation().parameters.get("conflict");
  const one = preview.conflicts.filter(({ target }) => target === asked);
  const close = () => {
    setDeciding(false);
    setParameters({ conflict: "" });
  };
  return (
    <>
      <AppGroups
        preview={preview}
        broken={broken}
        failed={actions.sync.data?.failed ?? []}
        isBusy={isBusy}
        onRepair={() => actions.repair.mutate()}
        onAccept={(word) => actions.sync.mutate({ accept: [word] })}
        onDecide={() => setDeciding(true)}
      />
      <ConflictDialog
        isOpen={deciding || one.length > 0}
        conflicts={one.length > 0 ? one : preview.conflicts}
        onClose={close}
        onResolve={(choices) => {
          close();
          actions.sync.mutate({ prune, choices });
        }}
      />
    </>
  );
}

function Busy({ app }: { app: string }) {
  const working = useWorkingOn(app);
  return (
    <div className="mt-4 rounded-lg bg-accent-soft px-4 py-3">
      <div className="flex items-center gap-2 font-medium text-accent-text">
        <Icon name="refresh" size={14} className="animate-turn" />
        <p role="status" className="flex-1">
          {S.apps.syncing}
        </p>
        {working?.total && (
          <span className="text-xs font-normal tabular-nums">
            {S.apps.linksDone(working.done, working.total)}
          </span>
        )}
      </div>
      <p className="mb-2 text-xs text-ink-2">{S.apps.busy}</p>
      <Meter label={S.apps.syncing} fraction={fractionOf(working)} />
    </div>
  );
}

interface PruneProps {
  preview: AppPreview;
  prune: boolean;
  onChange: (prune: boolean) => void;
}

/** Offered where there is something to take away; it shows in the preview before it is done. */
function Prune({ preview, prune, onChange }: PruneProps) {
  const unwanted = preview.warnings.find((one) => one.code === UNWANTED);
  if (!unwanted && !prune) return null;
  return (
    <div className="mt-4">
      {unwanted && <p className="mb-1 font-medium">{unwanted.message}</p>}
      <label className="flex w-fit items-center gap-2">
        <input
          type="checkbox"
          checked={prune}
          onChange={(event) => onChange(event.target.checked)}
          className="size-3.5 accent-(--accent)"
        />
        {S.apps.unwanted}
      </label>
    </div>
  );
}
