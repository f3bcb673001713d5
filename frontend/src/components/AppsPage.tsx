/** The applications, and of one of them what a sync would do. */
import { useState } from "react";
import { useApps, useIsBusy } from "@/hooks/useApps";
import { setParameters, useLocation } from "@/hooks/useLocation";
import { S } from "@/strings";
import type { App } from "@/types/shapes";
import { AddAppDialog } from "./AddAppDialog";
import { AppDetail } from "./AppDetail";
import { InstallAppDialog } from "./InstallAppDialog";
import { Installations } from "./Installations";
import { Icon } from "./icons";
import { Badge, Button, Empty, Failure, Foreign, Page, Skeleton } from "./ui";

export function AppsPage() {
  const { data: apps, error, refetch } = useApps();
  const { parameters } = useLocation();
  const [adding, setAdding] = useState(false);
  const [installing, setInstalling] = useState(false);
  const asked = parameters.get("app");
  const shown = asked === null ? apps?.[0] : apps?.find((app) => app.app_id === asked);
  return (
    <Page
      title={S.pages.apps}
      actions={
        <>
          <Button icon="downloads" onPress={() => setInstalling(true)}>
            {S.apps.install.open}
          </Button>
          <Button icon="plus" onPress={() => setAdding(true)}>
            {S.apps.add}
          </Button>
        </>
      }
    >
      <div className="flex h-full flex-col">
        <Installations />
        {error && !apps && <Failure error={error} onRetry={refetch} />}
        {!apps && !error && <Skeleton className="m-6 h-24" />}
        {apps?.length === 0 && (
          <Empty icon="apps" title={S.apps.none} hint={S.apps.noneHint}>
            <Button look="primary" onPress={() => setAdding(true)}>
              {S.apps.add}
            </Button>
          </Empty>
        )}
        {apps && apps.length > 0 && (
          <div className="flex min-h-0 flex-1 max-md:flex-col">
            <AppList apps={apps} shown={shown?.app_id} />
            {/* What has the focus in the profile is not behind the preview that stays at its foot. */}
            <div
              className={`relative min-h-0 min-w-0 flex-1 overflow-auto ${parameters.get("tab") === "profile" ? "scroll-pb-[50vh]" : ""}`}
            >
              {shown ? (
                <AppDetail key={shown.app_id} app={shown} />
              ) : (
                <Empty icon="apps" title={S.apps.gone} hint={S.apps.goneHint} />
              )}
            </div>
          </div>
        )}
      </div>
      <AddAppDialog isOpen={adding} onClose={() => setAdding(false)} />
      <InstallAppDialog isOpen={installing} onClose={() => setInstalling(false)} />
    </Page>
  );
}

function AppList({ apps, shown }: { apps: readonly App[]; shown: string | undefined }) {
  return (
    <ul
      aria-label={S.apps.list}
      className="w-60 shrink-0 space-y-0.5 overflow-auto border-r border-line p-2 max-lg:w-44 max-md:max-h-36 max-md:w-full max-md:border-r-0 max-md:border-b"
    >
      {apps.map((app) => (
        <li key={app.app_id}>
          <AppRow app={app} isShown={app.app_id === shown} />
        </li>
      ))}
    </ul>
  );
}

function AppRow({ app, isShown }: { app: App; isShown: boolean }) {
  const isBusy = useIsBusy(app.app_id);
  return (
    <button
      type="button"
      aria-current={isShown || undefined}
      onClick={() => setParameters({ app: app.app_id }, false)}
      className="w-full cursor-default rounded-md px-2.5 py-2 text-left hover:bg-hover aria-[current]:bg-accent-soft"
    >
      <span className="flex items-center gap-2">
        <Foreign text={app.name} className="min-w-0 flex-1 font-medium" />
        {isBusy && <Icon name="refresh" size={12} className="animate-turn text-accent-text" />}
        <AppState app={app} />
      </span>
      <span className="flex justify-between gap-2 text-xs text-ink-2 tabular-nums">
        <Foreign text={S.apps.version(app.version)} className="min-w-0" />
        <span className="shrink-0">{S.apps.links(app.links)}</span>
      </span>
      <Foreign text={app.path} className="font-mono text-2xs text-ink-3" />
    </button>
  );
}

/** Says nothing about an application that is simply there. */
export function AppState({ app }: { app: App }) {
  if (app.state === "offline") {
    return <Badge title={S.apps.offlineHint}>{S.apps.states.offline}</Badge>;
  }
  if (app.links_off) {
    return (
      <Badge tone="warn" title={S.apps.linksOffHint}>
        {S.apps.linksOff}
      </Badge>
    );
  }
  return null;
}
