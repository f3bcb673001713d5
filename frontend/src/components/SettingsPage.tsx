/** What is set once: folders, imports, drives, the network, the token, the theme. */
import { useId, useState } from "react";
import { Form, Input, RadioGroup, TextField } from "react-aria-components";
import * as format from "@/format";
import { useDrives, useLimits, useSettings, useSettingsActions } from "@/hooks/useSettings";
import { type Theme, useTheme } from "@/hooks/useTheme";
import { toast } from "@/hooks/useToasts";
import { S } from "@/strings";
import type { Settings } from "@/types/shapes";
import { Placing } from "./ImportOptions";
import { Part } from "./Part";
import { RootSettings } from "./RootSettings";
import { Amount, Option, Row, Toggle } from "./Setting";
import { Button, Failure, Foreign, Page, Skeleton } from "./ui";

type Actions = ReturnType<typeof useSettingsActions>;

export function SettingsPage() {
  const { data, error, refetch } = useSettings();
  const actions = useSettingsActions();
  return (
    <Page title={S.pages.settings}>
      <div className="mx-auto max-w-3xl space-y-8 p-6">
        {error && <Failure error={error} onRetry={refetch} />}
        {!data && !error && <Skeleton className="h-40" />}
        <RootSettings actions={actions} />
        {data && (
          <>
            <Part title={S.settings.imports}>
              <div className="px-4 py-3">
                <Placing place={data.place} onPlace={(place) => actions.change.mutate({ place })} />
              </div>
            </Part>
            <NetworkSettings settings={data} actions={actions} />
            <TokenSettings settings={data} actions={actions} />
          </>
        )}
        <DriveSettings actions={actions} />
        <ThemeSettings />
        {data && (
          <Part title={S.settings.library}>
            <Row
              title={<Foreign text={data.library} className="font-mono text-xs" />}
              hint={S.settings.libraryHint}
            />
          </Part>
        )}
      </div>
    </Page>
  );
}

const MEGABYTE = 1_000_000; // bytes
const MOST_AT_ONCE = 16;
const MOST_RATE = 100_000;

function NetworkSettings({ settings, actions }: { settings: Settings; actions: Actions }) {
  const { data: limits, error, refetch } = useLimits();
  const { offline } = settings;
  const toggle = useId();
  return (
    <Part title={S.settings.network}>
      <Row
        title={<label htmlFor={toggle}>{S.settings.goOffline}</label>}
        hint={offline.variable ? S.settings.offlineBy(offline.variable) : S.settings.offlineHint}
      >
        <Toggle
          id={toggle}
          label={S.settings.goOffline}
          isOn={offline.on}
          isDisabled={offline.variable !== null}
          onChange={(on) => actions.change.mutate({ offline: on })}
        />
      </Row>
      {error && <Failure error={error} onRetry={refetch} />}
      {limits && (
        <>
          <Row title={S.settings.downloads}>
            <Amount
              label={S.settings.downloads}
              value={limits.at_once}
              least={1}
              most={MOST_AT_ONCE}
              onChange={(at_once) => at_once !== null && actions.limit.mutate({ at_once })}
            />
          </Row>
          <Row title={S.settings.bandwidth} hint={S.settings.bandwidthHint}>
            <Amount
              label={S.settings.bandwidth}
              value={limits.bandwidth === null ? null : limits.bandwidth / MEGABYTE}
              least={0}
              most={MOST_RATE}
              placeholder={S.settings.noLimit}
              onChange={(rate) =>
                actions.limit.mutate({ bandwidth: Math.round((rate ?? 0) * MEGABYTE) })
              }
            />
          </Row>
        </>
      )}
    </Part>
  );
}

function TokenSettings({ settings, actions }: { settings: Settings; actions: Actions }) {
  const { token } = settings;
  return (
    <Part title={S.settings.token}>
      <Row
        title={
          <span className={token.problem ? "text-bad" : ""}>
            {token.problem || S.settings.sources[token.source](token.where)}
          </span>
        }
        hint={tokenHint(settings)}
      >
        {token.stored && (
          <Button
            look="danger"
            isDisabled={actions.forget.isPending}
            onPress={() => actions.forget.mutate()}
          >
            {S.settings.forget}
          </Button>
        )}
      </Row>
      {token.keyring === null ? (
        <p className="px-4 py-3 break-words text-ink-2">{S.settings.noKeyring(token.file)}</p>
      ) : (
        <NewToken keyring={token.keyring} isStored={token.stored} actions={actions} />
      )}
    </Part>
  );
}

function tokenHint({ token, endpoint }: Settings): string {
  if (token.stored && token.source === "environment") return S.settings.behind;
  if (token.stored && token.source !== "keyring") return S.settings.unread;
  return S.settings.tokenHint(format.hostName(endpoint));
}

interface NewTokenProps {
  keyring: string;
  isStored: boolean;
  actions: Actions;
}

/** The token leaves the page with the answer of the server: it is kept nowhere here. */
function NewToken({ keyring, isStored, actions }: NewTokenProps) {
  const [draft, setDraft] = useState("");
  const { keep } = actions;
  const save = () =>
    keep.mutate(draft, {
      onSuccess: () => {
        setDraft("");
        keep.reset();
        toast({ tone: "good", text: S.settings.kept });
      },
    });
  return (
    <Form
      className="px-4 py-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (draft.trim()) save();
      }}
    >
      <TextField
        aria-label={S.settings.newToken}
        type="password"
        value={draft}
        onChange={setDraft}
        autoComplete="off"
        className="flex flex-wrap gap-2"
      >
        <Input
          placeholder={S.settings.newToken}
          className="h-8 min-w-48 flex-1 rounded-md border border-line-strong bg-canvas px-2.5 placeholder:text-ink-3"
        />
        <Button type="submit" className="h-8" isDisabled={draft.trim() === "" || keep.isPending}>
          {isStored ? S.settings.replace : S.settings.keep}
        </Button>
      </TextField>
      <p className="mt-2 text-xs text-ink-2">{S.settings.keptIn(keyring)}</p>
      {keep.error && <Failure error={keep.error} />}
    </Form>
  );
}

const MOST_FILES = 64;

function DriveSettings({ actions }: { actions: Actions }) {
  const { data: drives, error, refetch } = useDrives();
  return (
    <Part title={S.settings.drives}>
      {error && <Failure error={error} onRetry={refetch} />}
      {!drives && !error && <Skeleton className="h-14" />}
      {drives?.length === 0 && <p className="px-4 py-3 text-ink-2">{S.settings.noDrives}</p>}
      {drives?.map((drive) => (
        <Row
          key={drive.key}
          title={
            <span className="flex gap-2">
              <Foreign text={drive.key} className="font-mono text-xs" />
              <span className="text-xs font-normal text-ink-2">{driveKind(drive.rotational)}</span>
            </span>
          }
          hint={<Foreign text={drive.roots.join(", ")} />}
        >
          <Amount
            label={S.settings.atOnceOf(drive.key)}
            value={drive.at_once}
            least={1}
            most={MOST_FILES}
            onChange={(at_once) =>
              at_once !== null && actions.drive.mutate({ key: drive.key, at_once })
            }
          />
        </Row>
      ))}
      <p className="px-4 py-2 text-xs text-ink-3">{S.settings.drivesHint}</p>
    </Part>
  );
}

function driveKind(rotational: boolean | null): string {
  if (rotational === null) return S.settings.kinds.unknown;
  return rotational ? S.settings.kinds.hdd : S.settings.kinds.ssd;
}

const THEMES: readonly Theme[] = ["system", "light", "dark"];

function ThemeSettings() {
  const [theme, setTheme] = useTheme();
  return (
    <Part title={S.settings.theme}>
      <RadioGroup
        aria-label={S.settings.theme}
        orientation="horizontal"
        value={theme}
        onChange={(value) => setTheme(value as Theme)}
        className="flex gap-2 px-2 py-2"
      >
        {THEMES.map((name) => (
          <Option key={name} value={name} title={S.theme[name]} />
        ))}
      </RadioGroup>
    </Part>
  );
}
