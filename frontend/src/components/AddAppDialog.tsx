/** Adding an application: which one, then what would be linked into it. */
import { useState } from "react";
import {
  Button as AriaButton,
  Dialog,
  Heading,
  Modal,
  ModalOverlay,
  Select,
} from "react-aria-components";
import type { AppAsked } from "@/api/apps";
import { useAddApp, useFoundApps, useProfiles, useTrial } from "@/hooks/useApps";
import { setParameters } from "@/hooks/useLocation";
import { useWorkingAs } from "@/hooks/useWorking";
import { S } from "@/strings";
import type { FoundApp } from "@/types/shapes";
import { AppGroups } from "./AppGroups";
import { Choices, Chosen } from "./Editable";
import { FileChooser } from "./FileChooser";
import { Icon } from "./icons";
import { Badge, Button, Failure, Footer, Foreign, IconButton, Skeleton } from "./ui";

interface Props {
  isOpen: boolean;
  onClose: () => void;
}

export function AddAppDialog({ isOpen, onClose }: Props) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      className="animate-appear fixed inset-0 z-40 flex items-center justify-center bg-black/35 p-6"
    >
      <Modal className="h-[640px] max-h-full w-[820px] max-w-full overflow-hidden rounded-xl border border-line bg-raised shadow-float">
        <Dialog className="h-full outline-none">
          <Steps onClose={onClose} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Steps({ onClose }: { onClose: () => void }) {
  const [asked, setAsked] = useState<AppAsked | null>(null);
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-12 shrink-0 items-center justify-between gap-4 border-b border-line pr-2 pl-4">
        <Heading slot="title" className="text-base font-semibold">
          {S.apps.addTitle}
        </Heading>
        <IconButton icon="close" label={S.close} onPress={onClose} />
      </header>
      {asked === null ? (
        <Choose onChoose={setAsked} />
      ) : (
        <Review asked={asked} onAsk={setAsked} onDone={onClose} />
      )}
    </div>
  );
}

function Choose({ onChoose }: { onChoose: (asked: AppAsked) => void }) {
  const [folder, setFolder] = useState("");
  const usual = useFoundApps("");
  const here = useFoundApps(folder, folder !== "");
  return (
    <>
      <div className="flex min-h-0 flex-1 flex-col">
        <section className="max-h-56 shrink-0 overflow-auto border-b border-line px-4 py-3">
          <h3 className="mb-1 text-xs font-semibold text-ink-2">{S.apps.onThisComputer}</h3>
          {usual.error && <Failure error={usual.error} onRetry={usual.refetch} />}
          {usual.isPending && <p className="py-2 text-ink-2">{S.apps.looking}</p>}
          {usual.data?.length === 0 && <p className="py-2 text-ink-2">{S.apps.nothingFound}</p>}
          <Found apps={usual.data ?? []} onChoose={onChoose} />
        </section>
        <h3 className="px-4 pt-3 pb-2 text-xs font-semibold text-ink-2">{S.apps.otherFolder}</h3>
        <div className="flex min-h-0 flex-1 border-t border-line">
          <FileChooser mode="folder" onOpen={setFolder} />
        </div>
      </div>
      {folder !== "" && <Here folder={folder} found={here.data} onChoose={onChoose} />}
    </>
  );
}

interface FoundProps {
  apps: readonly FoundApp[];
  onChoose: (asked: AppAsked) => void;
}

function Found({ apps, onChoose }: FoundProps) {
  return (
    <ul>
      {apps.map((app) => (
        <li key={app.path} className="flex min-h-10 items-center gap-3">
          <Icon name="apps" size={14} className="text-accent-text" />
          <span className="min-w-0 flex-1">
            <span className="flex items-center gap-2">
              <Foreign text={app.name} className="font-medium" />
              <span className="text-xs text-ink-3">{S.apps.version(app.version)}</span>
            </span>
            <Foreign text={app.path} className="font-mono text-xs text-ink-2" />
          </span>
          {app.app_id === null ? (
            <Button
              aria-label={S.apps.chooseOf(app.name, app.path)}
              onPress={() => onChoose({ kind: app.kind, path: app.path })}
            >
              {S.apps.choose}
            </Button>
          ) : (
            <Badge tone="good" icon="check">
              {S.apps.isAdded}
            </Badge>
          )}
        </li>
      ))}
    </ul>
  );
}

interface HereProps {
  folder: string;
  found: readonly FoundApp[] | undefined;
  onChoose: (asked: AppAsked) => void;
}

/** What the folder that is open holds, or what it can be said to be. */
function Here({ folder, found, onChoose }: HereProps) {
  const profiles = useProfiles().data ?? [];
  const kinds = profiles
    .filter((one) => !one.hidden && !one.variant && !one.version && !one.error)
    .map((one) => [one.app, one.display] as const);
  return (
    <section className="max-h-44 shrink-0 overflow-auto border-t border-line bg-chrome px-4 py-3">
      <h3 className="mb-1 text-xs font-semibold text-ink-2">{S.apps.foundHere}</h3>
      {found && found.length > 0 && <Found apps={found} onChoose={onChoose} />}
      {found?.length === 0 && (
        <div className="flex items-center gap-4">
          <p className="min-w-0 flex-1 text-ink-2">{S.apps.notRecognised}</p>
          <Select
            aria-label={S.apps.asKind}
            selectedKey={null}
            onSelectionChange={(kind) =>
              kind !== null && onChoose({ kind: String(kind), path: folder })
            }
          >
            <AriaButton className="flex h-8 cursor-default items-center gap-2 rounded-md border border-line-strong bg-raised px-2.5 whitespace-nowrap hover:bg-hover">
              {S.apps.asKind}
              <Icon name="chevron" size={12} className="text-ink-3" />
            </AriaButton>
            <Choices options={kinds} />
          </Select>
        </div>
      )}
    </section>
  );
}

interface ReviewProps {
  asked: AppAsked;
  onAsk: (asked: AppAsked | null) => void;
  onDone: () => void;
}

function Review({ asked, onAsk, onDone }: ReviewProps) {
  const trial = useTrial(asked);
  const add = useAddApp();
  const working = useWorkingAs("app_add");
  const begin = (sync: boolean) =>
    add.mutate(
      { ...asked, sync },
      {
        onSuccess: ({ app }) => {
          setParameters({ app: app.app_id }, false);
          onDone();
        },
      },
    );
  const preview = trial.data?.preview;
  return (
    <>
      <div className="min-h-0 flex-1 overflow-auto px-6 py-5">
        <Foreign text={asked.path} className="font-mono text-xs text-ink-2" />
        {trial.error && <Failure error={trial.error} onRetry={trial.refetch} />}
        {trial.isPending && <Skeleton className="mt-4 h-32" />}
        {trial.data && preview && (
          <>
            <h3 className="mt-1 flex items-center gap-2 text-base font-semibold">
              <Foreign text={trial.data.app.name} />
              <Badge>{S.apps.version(trial.data.app.version)}</Badge>
            </h3>
            {trial.data.evidence.length > 0 && (
              <p className="text-xs text-ink-3">{S.apps.knownBy(trial.data.evidence.join(", "))}</p>
            )}
            <Variant asked={asked} onAsk={onAsk} />
            <h3 className="mt-5 text-xs font-semibold text-ink-2">{S.apps.willLink}</h3>
            <AppGroups preview={preview} />
            {preview.conflicts.length > 0 && (
              <p className="mt-2 text-xs text-ink-2">{S.apps.conflictsLater}</p>
            )}
          </>
        )}
      </div>
      <Footer>
        <Button isDisabled={add.isPending} onPress={() => onAsk(null)}>
          {S.apps.back}
        </Button>
        <span className="flex-1 text-xs text-ink-2 tabular-nums">
          {add.isPending &&
            (working?.total ? S.apps.linksDone(working.done, working.total) : S.apps.busy)}
        </span>
        <Button isDisabled={!trial.data || add.isPending} onPress={() => begin(false)}>
          {S.apps.addOnly}
        </Button>
        <Button
          look="primary"
          icon="link"
          isDisabled={!trial.data || add.isPending}
          onPress={() => begin(true)}
        >
          {add.isPending ? S.apps.adding : S.apps.addAndLink}
        </Button>
      </Footer>
    </>
  );
}

function Variant({ asked, onAsk }: { asked: AppAsked; onAsk: (asked: AppAsked) => void }) {
  const profiles = useProfiles().data ?? [];
  const variants = profiles.filter((one) => one.app === asked.kind && one.variant && !one.hidden);
  if (variants.length === 0) return null;
  const options = [
    ["", S.apps.usualVariant] as const,
    ...variants.map((one) => [one.variant, one.display] as const),
  ];
  return (
    <Select
      className="mt-4 w-72"
      selectedKey={asked.variant ?? ""}
      aria-label={S.apps.variant}
      onSelectionChange={(variant) => onAsk({ ...asked, variant: String(variant) })}
    >
      <p className="mb-1 text-xs font-semibold text-ink-2">{S.apps.variant}</p>
      <AriaButton className="flex h-8 w-full cursor-default items-center justify-between gap-2 rounded-md border border-line-strong bg-canvas px-2.5 hover:bg-hover">
        <Chosen />
        <Icon name="chevron" size={12} className="text-ink-3" />
      </AriaButton>
      <Choices options={options} />
    </Select>
  );
}
