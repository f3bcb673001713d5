/** What can be done with an application besides syncing it. */
import { useState } from "react";
import {
  Button as AriaButton,
  Checkbox,
  Menu,
  MenuItem,
  MenuTrigger,
  Popover,
} from "react-aria-components";
import type { AppActions } from "@/hooks/useApps";
import { S } from "@/strings";
import type { App } from "@/types/shapes";
import { Confirm } from "./Confirm";
import { Tick } from "./Facets";
import { Icon } from "./icons";

interface Props {
  app: App;
  actions: AppActions;
  isBusy: boolean;
  /** Files of the user that gave way to links. */
  kept: number;
  onRemoved: () => void;
}

export function AppMenu({ app, actions, isBusy, kept, onRemoved }: Props) {
  const [asking, setAsking] = useState<"clean" | "remove" | null>(null);
  const [trash, setTrash] = useState(false);
  const close = () => setAsking(null);
  return (
    <>
      <MenuTrigger>
        <AriaButton
          aria-label={S.apps.more}
          isDisabled={isBusy}
          className="flex size-7 shrink-0 cursor-default items-center justify-center rounded-md border border-line-strong bg-raised hover:bg-hover disabled:opacity-45"
        >
          <Icon name="chevron" size={13} />
        </AriaButton>
        <Popover
          placement="bottom end"
          className="animate-appear rounded-lg border border-line bg-raised p-1 shadow-float"
        >
          <Menu
            aria-label={S.apps.more}
            onAction={(name) => setAsking(name as "clean" | "remove")}
            disabledKeys={app.links === 0 && app.links_off ? ["clean"] : []}
            className="w-56 outline-none"
          >
            {(["clean", "remove"] as const).map((name) => (
              <MenuItem
                key={name}
                id={name}
                textValue={S.apps[name]}
                className="flex h-7 cursor-default items-center rounded px-2 text-sm text-ink focus:bg-hover disabled:text-ink-3"
              >
                {S.apps[name]}
              </MenuItem>
            ))}
          </Menu>
        </Popover>
      </MenuTrigger>
      <Confirm
        isOpen={asking === "clean"}
        title={S.apps.cleanTitle(app.name)}
        confirm={S.apps.cleanConfirm}
        danger
        onCancel={close}
        onConfirm={() => {
          close();
          actions.clean.mutate();
        }}
      >
        <p>{S.apps.cleanText(app.links)}</p>
      </Confirm>
      <Confirm
        isOpen={asking === "remove"}
        title={S.apps.removeTitle(app.name)}
        confirm={S.apps.removeConfirm}
        danger
        onCancel={close}
        onConfirm={() => {
          close();
          actions.remove.mutate(app.installed && trash, { onSuccess: onRemoved });
        }}
      >
        <p>{S.apps.removeText(app.links)}</p>
        {kept > 0 && <p className="mt-2 text-warn">{S.apps.removeKept(kept)}</p>}
        {app.installed && (
          <Checkbox
            isSelected={trash}
            onChange={setTrash}
            className="group mt-3 flex items-center gap-2"
          >
            <Tick />
            {S.apps.removeTrash}
          </Checkbox>
        )}
      </Confirm>
    </>
  );
}
