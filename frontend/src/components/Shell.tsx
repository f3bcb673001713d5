/** The frame of every page: the rail on the left, the status line below. */
import type { ReactNode } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import * as format from "@/format";
import { useConnection } from "@/hooks/useEvents";
import { useJobs } from "@/hooks/useJobs";
import { useHealth, useStatus } from "@/hooks/useLibrary";
import { navigate, useLocation } from "@/hooks/useLocation";
import { type Theme, useTheme } from "@/hooks/useTheme";
import { S } from "@/strings";
import type { Health, Network } from "@/types/shapes";
import { Icon, type IconName } from "./icons";
import { Toasts } from "./Toasts";
import { Cut, Hint } from "./ui";

export interface PageEntry {
  path: string;
  icon: IconName;
  label: string;
  element: ReactNode;
}

interface Props {
  pages: readonly PageEntry[];
  onOpenJobs: () => void;
  children: ReactNode;
}

export function Shell({ pages, onOpenJobs, children }: Props) {
  return (
    <div className="grid h-full grid-cols-[auto_1fr] grid-rows-[1fr_auto_auto]">
      <SkipLink />
      <Rail pages={pages} />
      <main id={CONTENT} tabIndex={-1} className="min-h-0 min-w-0 bg-canvas outline-none">
        {children}
      </main>
      <div className="col-start-2 min-w-0">
        <Toasts />
      </div>
      <StatusLine onOpenJobs={onOpenJobs} />
    </div>
  );
}

const CONTENT = "content";

/** The first thing that Tab comes to; seen only then. */
function SkipLink() {
  return (
    <a
      href={`#${CONTENT}`}
      onClick={(event) => {
        event.preventDefault(); // the address is for what is shown
        document.getElementById(CONTENT)?.focus();
      }}
      className="sr-only rounded-md bg-accent px-3 py-1.5 text-sm font-medium text-accent-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50"
    >
      {S.skip}
    </a>
  );
}

function Rail({ pages }: { pages: readonly PageEntry[] }) {
  const { path } = useLocation();
  const trashed = useStatus().data?.trash ?? 0;
  return (
    <nav
      aria-label={S.navigation}
      className="row-span-2 flex w-44 flex-col gap-0.5 border-r border-line bg-chrome p-2 max-lg:w-14"
    >
      <div className="mb-2 flex h-8 items-center gap-2 px-2 text-sm font-semibold">
        <img src="/icon.svg" alt="" className="size-5" />
        <span className="max-lg:sr-only">{S.app}</span>
      </div>
      {pages.map((page) => (
        <a
          key={page.path}
          href={page.path}
          title={page.label}
          aria-current={path === page.path ? "page" : undefined}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            navigate(page.path);
          }}
          className="flex h-8 items-center gap-2.5 rounded-md px-2 text-ink-2 transition-colors hover:bg-hover hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent-text max-lg:justify-center"
        >
          <Icon name={page.icon} />
          <span className="flex-1 max-lg:sr-only">{page.label}</span>
          {page.path === "/trash" && trashed > 0 && (
            <span
              title={S.trash.count(trashed)}
              className="text-xs font-normal text-ink-2 tabular-nums max-lg:sr-only"
            >
              {format.count(trashed)}
            </span>
          )}
        </a>
      ))}
    </nav>
  );
}

function StatusLine({ onOpenJobs }: { onOpenJobs: () => void }) {
  const status = useStatus().data;
  const health = useHealth();
  const { running } = useJobs();
  const connected = useConnection();
  return (
    <footer className="col-span-2 flex h-7 items-center gap-1 border-t border-line bg-chrome px-2 text-xs whitespace-nowrap text-ink-2 tabular-nums">
      {status && (
        <Cut
          text={`${S.models(status.models)} · ${format.bytes(status.bytes)}`}
          className="min-w-0 px-2"
        />
      )}
      <HealthMark health={health.data} failed={health.isError} />
      {status?.read_only && <span className="px-2 text-warn">{S.status.readOnly}</span>}
      <span className="flex-1" />
      {!connected && (
        <span
          role="status"
          title={S.connection.lostHint}
          className="flex items-center gap-1.5 px-2 text-warn"
        >
          <Icon name="refresh" size={12} className="animate-turn" />
          {S.connection.lost}
        </span>
      )}
      {status && <NetworkMark network={status.network} />}
      <AriaButton
        onPress={onOpenJobs}
        aria-label={S.jobs.openFrom(
          running.length > 0 ? S.status.jobs(running.length) : S.status.noJobs,
        )}
        className="flex h-6 cursor-default items-center gap-1.5 rounded px-2 hover:bg-hover hover:text-ink"
      >
        <Icon
          name={running.length > 0 ? "refresh" : "jobs"}
          size={12}
          className={running.length > 0 ? "animate-turn text-accent-text" : ""}
        />
        {running.length > 0 ? S.status.jobs(running.length) : S.status.noJobs}
      </AriaButton>
      <ThemeMenu />
    </footer>
  );
}

function HealthMark({ health, failed }: { health: Health | undefined; failed: boolean }) {
  if (failed) return <span className="px-2 text-warn">{S.status.notChecked}</span>;
  if (!health) return <span className="px-2 text-ink-3">{S.status.checking}</span>;
  const of = (severity: string) =>
    health.findings.filter((finding) => finding.severity === severity).length;
  const errors = of("error");
  const [dot, text] =
    errors > 0
      ? ["bg-bad", S.status.errors(errors)]
      : health.status === "healthy"
        ? ["bg-good", S.status.healthy]
        : ["bg-warn", S.status.warnings(of("warning"))];
  return (
    <AriaButton
      onPress={() => navigate("/health")}
      className="flex h-6 cursor-default items-center gap-1.5 rounded px-2 hover:bg-hover hover:text-ink"
    >
      <span className={`size-2 rounded-full ${dot}`} />
      {text}
    </AriaButton>
  );
}

function NetworkMark({ network }: { network: Network }) {
  const down = network.hosts.filter((host) => host.state === "open");
  if (!network.offline && down.length === 0) return null;
  const host = down[0];
  return (
    <span title={S.connection.offlineHint} className="flex items-center gap-1.5 px-2">
      <Icon name="cloudOff" size={13} />
      {network.offline || !host
        ? S.connection.offline
        : S.connection.hostDown(format.hostName(host.host))}
    </span>
  );
}

const THEMES: readonly [Theme, IconName][] = [
  ["system", "system"],
  ["light", "sun"],
  ["dark", "moon"],
];

function ThemeMenu() {
  const [theme, setTheme] = useTheme();
  const icon = THEMES.find(([name]) => name === theme)?.[1] ?? "system";
  return (
    <MenuTrigger>
      <Hint text={S.theme.label}>
        <AriaButton
          aria-label={S.theme.label}
          className="flex size-6 cursor-default items-center justify-center rounded hover:bg-hover hover:text-ink"
        >
          <Icon name={icon} size={13} />
        </AriaButton>
      </Hint>
      <Popover
        placement="top end"
        className="animate-appear rounded-lg border border-line bg-raised p-1 shadow-float"
      >
        <Menu
          aria-label={S.theme.label}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[theme]}
          onAction={(key) => setTheme(key as Theme)}
          className="w-40 outline-none"
        >
          {THEMES.map(([name, symbol]) => (
            <MenuItem
              key={name}
              id={name}
              textValue={S.theme[name]}
              className="flex h-7 cursor-default items-center gap-2 rounded px-2 text-sm text-ink focus:bg-hover selected:text-accent-text"
            >
              <Icon name={symbol} size={14} />
              {S.theme[name]}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
