/** Something in the trash: a way back, and one to free its space. */
import { S } from "@/strings";
import { Button, Foreign, IconButton } from "./ui";

interface Props {
  name: string;
  detail: string;
  isRestoring: boolean;
  onRestore: () => void;
  onPurge: () => void;
}

export function TrashRow({ name, detail, isRestoring, onRestore, onPurge }: Props) {
  return (
    <li className="flex min-h-11 flex-wrap items-center gap-x-4 border-b border-line/60 px-4 py-1 last:border-b-0">
      <Foreign text={name} className="min-w-40 flex-1 font-medium" />
      <span className="text-xs text-ink-2 tabular-nums">{detail}</span>
      <Button
        icon="undo"
        aria-label={S.trash.restoreOf(name)}
        isDisabled={isRestoring}
        onPress={onRestore}
      >
        {S.trash.restore}
      </Button>
      <IconButton icon="trash" size={14} label={S.trash.purgeOf(name)} onPress={onPurge} />
    </li>
  );
}
