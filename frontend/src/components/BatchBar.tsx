/** What can be done with the selected models, in the place of the line above the list. */
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import * as format from "@/format";
import { useApps } from "@/hooks/useApps";
import type { Progress } from "@/hooks/useBatch";
import type { Selection } from "@/hooks/useSelection";
import { S } from "@/strings";
import { Icon, type IconName } from "./icons";
import { Button, Cut, IconButton, Meter, Visible } from "./ui";

interface Props {
  selection: Selection;
  deleting: Progress | null;
  onEdit: () => void;
  onVerify: () => void;
  onLookUp: () => void;
  /** Link the models into the application with this id. */
  onSync: (app: string) => void;
  onDelete: () => void;
}

export function BatchBar({ selection, deleting, ...act }: Props) {
  if (deleting) return <Deleting {...deleting} />;
  const size = [...selection.models.values()].reduce((sum, model) => sum + model.size, 0);
  return (
    <div
      role="toolbar"
      aria-label={S.batch.label}
      className="@container flex h-8 shrink-0 items-center gap-0.5 bg-accent-soft pr-2 pl-4 text-xs"
    >
      <Cut
        text={`${S.batch.selected(selection.models.size)} · ${format.bytes(size)}`}
        className="mr-2 min-w-0 font-medium text-accent-text tabular-nums"
      />
      <Action icon="edit" text={S.batch.edit} onPress={act.onEdit} />
      <SyncMenu onSync={act.onSync} />
      <Action icon="shieldCheck" text={S.batch.verify} onPress={act.onVerify} />
      <Action icon="search" text={S.batch.lookUp} onPress={act.onLookUp} />
      <Action icon="trash" text={S.batch.delete} onPress={act.onDelete} />
      <span className="flex-1" />
      <IconButton
        icon="close"
        size={14}
        className="size-6"
        label={S.batch.clear}
        onPress={selection.clear}
      />
    </div>
  );
}

function Deleting({ done, all, stop }: Progress) {
  const text = S.batch.deleting(done, all);
  return (
    <div className="flex h-8 shrink-0 items-center gap-3 bg-accent-soft px-4 text-xs tabular-nums">
      <span role="status">{text}</span>
      <div className="w-48">
        <Meter label={text} fraction={done / all} />
      </div>
      <Button look="quiet" className="h-6 text-xs" onPress={stop}>
        {S.batch.stop}
      </Button>
    </div>
  );
}

/** Only its icon where the list is narrow; the name stays for who reads it out or points at it. */
const LABEL = "@max-xl:sr-only";

interface ActionProps {
  icon: IconName;
  text: string;
  onPress: () => void;
}

function Action({ icon, text, onPress }: ActionProps) {
  return (
    <Button look="quiet" icon={icon} className="h-6 px-2 text-xs" onPress={onPress}>
      <span className={LABEL}>{text}</span>
    </Button>
  );
}

/** The applications that the models can be linked into; nothing where there is none. */
function SyncMenu({ onSync }: { onSync: (app: string) => void }) {
  const { data: apps } = useApps();
  if (!apps || apps.length === 0) return null;
  return (
    <MenuTrigger>
      <AriaButton className="inline-flex h-6 cursor-default items-center gap-1.5 rounded-md px-2 text-xs font-medium whitespace-nowrap text-ink-2 transition-colors hover:bg-hover hover:text-ink">
        <Icon name="link" size={14} />
        <span className={LABEL}>{S.batch.sync}</span>
        <Icon name="chevron" size={11} />
      </AriaButton>
      <Popover className="animate-appear max-h-80 overflow-auto rounded-lg border border-line bg-raised p-1 shadow-float">
        <Menu
          aria-label={S.batch.sync}
          onAction={(app) => onSync(String(app))}
          className="max-w-80 min-w-44 outline-none"
        >
          {apps.map((app) => (
            <MenuItem
              key={app.app_id}
              id={app.app_id}
              textValue={app.name}
              className="flex h-7 cursor-default items-center rounded px-2 text-sm text-ink focus:bg-hover"
            >
              <bdi className="truncate" title={format.visible(app.name)}>
                <Visible text={app.name} />
              </bdi>
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
