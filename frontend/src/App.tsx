/** The application: which pages there are, and what surrounds them. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Component, type ReactNode, useEffect, useState } from "react";
import { ApiError } from "@/api/client";
import { getStatus, libraryKeys } from "@/api/library";
import { AppsPage } from "@/components/AppsPage";
import { DownloadsPage } from "@/components/DownloadsPage";
import { FirstRun } from "@/components/FirstRun";
import { HealthPage } from "@/components/HealthPage";
import { ImportPage } from "@/components/ImportPage";
import { JobsDrawer } from "@/components/JobsDrawer";
import { ModelImportDialog } from "@/components/ModelImportDialog";
import { ModelImportDropZone } from "@/components/ModelImportDropZone";
import { ModelManager } from "@/components/ModelManager";
import { SettingsPage } from "@/components/SettingsPage";
import { type PageEntry, Shell } from "@/components/Shell";
import { StoragePage } from "@/components/StoragePage";
import { TrashPage } from "@/components/TrashPage";
import { Button, Empty } from "@/components/ui";
import { useEvents } from "@/hooks/useEvents";
import { useLocation } from "@/hooks/useLocation";
import { useTheme } from "@/hooks/useTheme";
import { useGivenPaths } from "@/hooks/useWindow";
import { S } from "@/strings";

const PAGES: readonly [PageEntry, ...PageEntry[]] = [
  { path: "/", icon: "library", label: S.pages.library, element: <ModelManager /> },
  { path: "/import", icon: "import", label: S.pages.import, element: <ImportPage /> },
  { path: "/downloads", icon: "downloads", label: S.pages.downloads, element: <DownloadsPage /> },
  { path: "/apps", icon: "apps", label: S.pages.apps, element: <AppsPage /> },
  { path: "/health", icon: "health", label: S.pages.health, element: <HealthPage /> },
  { path: "/storage", icon: "storage", label: S.pages.storage, element: <StoragePage /> },
  { path: "/trash", icon: "trash", label: S.pages.trash, element: <TrashPage /> },
  { path: "/settings", icon: "settings", label: S.pages.settings, element: <SettingsPage /> },
];

/** Milliseconds between two tries of a browser that the server does not know: its person opens the new address
 * elsewhere, and this page goes on. */
const ASK_AGAIN = 2_000;

const isUnknown = (error: unknown) => error instanceof ApiError && error.isUnknownBrowser;

export function App() {
  useTheme(); // pages without the theme's menu follow the system too
  const status = useQuery({
    queryKey: libraryKeys.status,
    queryFn: ({ signal }) => getStatus(signal),
    refetchInterval: ({ state }) => (isUnknown(state.error) ? ASK_AGAIN : false),
  });
  if (isUnknown(status.error)) {
    return <NotConnected onRetry={() => window.location.reload()} />;
  }
  const hasNone = status.error instanceof ApiError && status.error.code === "no-library";
  return <Fault>{hasNone ? <FirstRun /> : <Connected />}</Fault>;
}

function Connected() {
  useEvents();
  useGivenPaths();
  const { path } = useLocation();
  const [jobsOpen, setJobsOpen] = useState(false);
  const page = PAGES.find((one) => one.path === path) ?? PAGES[0];
  return (
    <>
      <Shell pages={PAGES} onOpenJobs={() => setJobsOpen(true)}>
        {page.element}
      </Shell>
      <JobsDrawer isOpen={jobsOpen} onClose={() => setJobsOpen(false)} />
      <ModelImportDialog />
      <ModelImportDropZone />
    </>
  );
}

function NotConnected({ onRetry }: { onRetry: () => void }) {
  const queries = useQueryClient();
  // What was loaded before may be of another start of the server.
  useEffect(() => () => void queries.invalidateQueries(), [queries]);
  return (
    <main className="h-full">
      <h1 className="sr-only">{S.app}</h1>
      <Empty
        icon="lock"
        title={S.session.title}
        hint={
          <>
            {S.session.why} <br />
            {S.session.steps}
          </>
        }
      >
        <Button look="primary" onPress={onRetry}>
          {S.session.again}
        </Button>
      </Empty>
    </main>
  );
}

/** A fault of the pages themselves: they say so instead of going blank. */
class Fault extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="h-full">
        <h1 className="sr-only">{S.app}</h1>
        <Empty icon="warning" title={S.errors.crashed} hint={S.errors.crashedHint}>
          <Button look="primary" onPress={() => window.location.reload()}>
            {S.errors.reload}
          </Button>
        </Empty>
      </main>
    );
  }
}
