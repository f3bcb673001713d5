/** The folders that hold models: add, remove, and say where one is now. */
import { useState } from "react";
import { Checkbox, RadioGroup } from "react-aria-components";
import * as format from "@/format";
import { useRoots, type useSettingsActions } from "@/hooks/useSettings";
import { S } from "@/strings";
import type { Root } from "@/types/shapes";
import { Confirm } from "./Confirm";
import { Tick } from "./Facets";
import { useFolderChoice } from "./FolderDialog";
import { Part } from "./Part";
import { Option } from "./Setting";
import { Badge, Button, Failure, Foreign, Skeleton } from "./ui";

type Actions = ReturnType<typeof useSettingsActions>;

export function RootSettings({ actions }: { actions: Actions }) {
  const { data: roots, error, refetch } = useRoots();
  const [adding, setAdding] = useState<string | null>(null);
  const folder = useFolderChoice(setAdding);
  return (
    <Part
      title={S.settings.roots}
      aside={
        <Button icon="plus" onPress={folder.ask}>
          {S.settings.addRoot}
        </Button>
      }
    >
      {error && <Failure error={error} onRetry={refetch} />}
      {!roots && !error && <Skeleton className="h-16" />}
      {roots?.map((root) => (
        <RootRow key={root.root_id} root={root} actions={actions} />
      ))}
      {folder.dialog}
      {adding !== null && (
        <AddRoot key={adding} path={adding} actions={actions} onClose={() => setAdding(null)} />
      )}
    </Part>
  );
}

function RootRow({ root, actions }: { root: Root; actions: Actions }) {
  const [asking, setAsking] = useState(false);
  const place = useFolderChoice((path) =>
    actions.relocate.mutate({ old: root.root_id, new: path }),
  );
  return (
    <div className="px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Foreign text={root.path} className="min-w-48 flex-1 font-mono text-xs" />
        {root.free !== null && (
          <span className="text-xs whitespace-nowrap text-ink-2 tabular-nums">
            {S.settings.free(format.bytes(root.free))}
          </span>
        )}
        <Badge title={root.mode === "managed" ? S.settings.managedHint : S.settings.referencedHint}>
          {root.mode === "managed" ? S.settings.managed : S.settings.referenced}
        </Badge>
        {root.home && <Badge tone="accent">{S.settings.home}</Badge>}
        {!root.online && (
          <Badge tone="warn" icon="cloudOff">
            {S.settings.offline}
          </Badge>
        )}
      </div>
      {root.problem && <p className="mt-1 text-warn">{root.problem}</p>}
      {!root.home && (
        <div className="mt-2 flex gap-2">
          <Button aria-label={S.settings.relocateOf(root.path)} onPress={place.ask}>
            {S.settings.relocate}
          </Button>
          <Button
            look="quiet"
            aria-label={S.settings.removeOf(root.path)}
            onPress={() => setAsking(true)}
          >
            {S.settings.remove}
          </Button>
        </div>
      )}
      {place.dialog}
      <Confirm
        isOpen={asking}
        title={S.settings.removeTitle}
        confirm={S.settings.remove}
        danger
        onCancel={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          actions.remove.mutate(root.root_id);
        }}
      >
        <p className="break-words">{S.settings.removeText(root.path)}</p>
      </Confirm>
    </div>
  );
}

interface AddProps {
  path: string;
  actions: Actions;
  onClose: () => void;
}

function AddRoot({ path, actions, onClose }: AddProps) {
  const [mode, setMode] = useState<Root["mode"]>("referenced");
  const [marker, setMarker] = useState(true);
  const { add } = actions;
  const confirm = () =>
    add.mutate(
      { path, mode: mode === "managed" ? "managed" : "referenced", marker },
      { onSuccess: onClose },
    );
  const close = () => {
    add.reset();
    onClose();
  };
  return (
    <Confirm
      isOpen
      title={S.settings.addTitle}
      confirm={S.settings.addConfirm}
      onCancel={close}
      onConfirm={confirm}
    >
      <Foreign text={path} className="mb-3 font-mono text-xs" />
      <RadioGroup aria-label={S.settings.mode} value={mode} onChange={setMode}>
        <Option value="referenced" title={S.settings.referenced} hint={S.settings.referencedHint} />
        <Option value="managed" title={S.settings.managed} hint={S.settings.managedHint} />
      </RadioGroup>
      <Checkbox isSelected={marker} onChange={setMarker} className="group mt-3 flex gap-2 px-2">
        <span className="mt-[3px]">
          <Tick />
        </span>
        <span>
          {S.settings.marker}
          <span className="block text-xs text-ink-3">{S.settings.markerHint}</span>
        </span>
      </Checkbox>
      {add.error && <Failure error={add.error} />}
    </Confirm>
  );
}
