/** Fetching a version of an application into the library: which, of which version, and from where. */
import { type FormEvent, useId, useState } from "react";
import {
  Button as AriaButton,
  Dialog,
  Heading,
  Input,
  Label,
  Modal,
  ModalOverlay,
  Select,
  Text,
  TextField,
} from "react-aria-components";
import type { InstallAsked } from "@/api/apps";
import { useInstallApp, useProfiles } from "@/hooks/useApps";
import { S } from "@/strings";
import { Choices, Chosen } from "./Editable";
import { useFolderChoice } from "./FolderDialog";
import { Icon } from "./icons";
import { Toggle } from "./Setting";
import { Button, Failure, Footer, IconButton } from "./ui";

/** What the fields begin with. */
export type InstallStart = InstallAsked;

interface Props {
  isOpen: boolean;
  start?: InstallStart;
  onClose: () => void;
  onBegun?: () => void;
}

const FIELD =
  "h-8 w-full rounded-md border border-line-strong bg-canvas px-2.5 placeholder:text-ink-3";

export function InstallAppDialog({ isOpen, start, onClose, onBegun }: Props) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      className="animate-appear fixed inset-0 z-40 flex items-center justify-center bg-black/35 p-6"
    >
      <Modal className="max-h-full w-[560px] max-w-full overflow-auto rounded-xl border border-line bg-raised shadow-float">
        <Dialog className="outline-none">
          <header className="flex h-12 shrink-0 items-center justify-between gap-4 border-b border-line pr-2 pl-4">
            <Heading slot="title" className="text-base font-semibold">
              {S.apps.install.title}
            </Heading>
            <IconButton icon="close" label={S.close} onPress={onClose} />
          </header>
          <Form start={start} onClose={onClose} onBegun={onBegun} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

interface FormProps {
  start: InstallStart | undefined;
  onClose: () => void;
  onBegun: (() => void) | undefined;
}

function Form({ start, onClose, onBegun }: FormProps) {
  const [kind, setKind] = useState(start?.kind ?? "comfyui");
  const [version, setVersion] = useState(start?.version ?? "");
  const [said, setSource] = useState<string | null>(start?.source ?? null);
  const toggle = useId();
  const [sync, setSync] = useState(start?.sync ?? true);
  const { ask, dialog } = useFolderChoice(setSource);
  const install = useInstallApp();
  const profiles = (useProfiles().data ?? []).filter(
    (one) => !one.hidden && !one.variant && !one.version && !one.error,
  );
  const profile = profiles.find((one) => one.app === kind);
  const known = profile?.repository ?? "";
  const source = said ?? known;
  const isWhole = version.trim() !== "" && source.trim() !== "";
  const begin = (event: FormEvent) => {
    event.preventDefault();
    if (!isWhole || install.isPending) return;
    const asked = { kind, version: version.trim(), source: source.trim(), sync };
    install.mutate(asked, {
      onSuccess: () => {
        onBegun?.();
        onClose();
      },
    });
  };
  return (
    <form onSubmit={begin}>
      <div className="space-y-4 px-4 py-4">
        <p className="text-ink-2">{S.apps.install.hint}</p>
        <div className="grid grid-cols-2 items-start gap-4 max-sm:grid-cols-1">
          <Select
            selectedKey={kind}
            aria-label={S.apps.install.kind}
            onSelectionChange={(key) => setKind(String(key))}
          >
            <Caption>{S.apps.install.kind}</Caption>
            <AriaButton className="flex h-8 w-full cursor-default items-center justify-between gap-2 rounded-md border border-line-strong bg-canvas px-2.5 hover:bg-hover">
              <Chosen />
              <Icon name="chevron" size={12} className="text-ink-3" />
            </AriaButton>
            <Choices options={profiles.map((one) => [one.app, one.display] as const)} />
          </Select>
          <TextField value={version} onChange={setVersion} autoFocus>
            <Caption>{S.apps.install.version}</Caption>
            <Input placeholder="v0.6.0" className={`${FIELD} font-mono text-xs`} />
            <Text slot="description" className="mt-1 block text-xs text-ink-3">
              {S.apps.install.versionHint}
            </Text>
          </TextField>
        </div>
        <TextField value={source} onChange={setSource}>
          <Caption>{S.apps.install.source}</Caption>
          <div className="flex gap-2">
            <Input
              placeholder="https://github.com/OWNER/NAME"
              className={`${FIELD} min-w-0 flex-1 font-mono text-xs`}
            />
            <Button icon="folder" className="h-8!" onPress={ask}>
              {S.apps.install.folder}
            </Button>
          </div>
          <Text slot="description" className="mt-1 block text-xs text-ink-3">
            {profile && known && source === known
              ? S.apps.install.sourceKnown(profile.display)
              : S.apps.install.sourceHint}
          </Text>
        </TextField>
        <div className="flex items-center gap-4">
          <label htmlFor={toggle} className="flex-1">
            {S.apps.install.sync}
          </label>
          <Toggle id={toggle} label={S.apps.install.sync} isOn={sync} onChange={setSync} />
        </div>
        {install.error && (
          <div className="-mx-4 -mb-4">
            <Failure error={install.error} />
          </div>
        )}
      </div>
      <Footer>
        <Button onPress={onClose}>{S.cancel}</Button>
        <Button
          look="primary"
          icon="downloads"
          type="submit"
          isDisabled={!isWhole || install.isPending}
        >
          {S.apps.install.begin}
        </Button>
      </Footer>
      {dialog}
    </form>
  );
}

function Caption({ children }: { children: string }) {
  return <Label className="mb-1 block text-xs font-semibold text-ink-2">{children}</Label>;
}
