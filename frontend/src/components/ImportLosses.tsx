import * as format from "@/format";
import type { Lost } from "@/importing";
import { S } from "@/strings";
import { Icon } from "./icons";
import { Button, Foreign } from "./ui";

interface Props {
  lost: readonly Lost[];
  onCopy: () => void;
}

/** What a move takes away from the programs in whose folders the files lie. Read out as it is chosen. */
export function Losses({ lost, onCopy }: Props) {
  const isHarm = lost.some((one) => one.files.length > 0);
  return (
    <div role="status" className="space-y-2 empty:hidden">
      {lost.map((one) => (
        <Loss key={one.folder} loss={one} />
      ))}
      {isHarm && <Button onPress={onCopy}>{S.import.copyInstead}</Button>}
    </div>
  );
}

const MOST = 100; // names; the heading counts all of them

function Loss({ loss }: { loss: Lost }) {
  const { program, files, all, linked, app, kind } = loss;
  if (files.length === 0) {
    return (
      <p className="flex gap-2 rounded-lg bg-sunken p-3 text-xs text-ink-2 dark:bg-hover">
        <Icon name="link" size={14} className="mt-px" />
        {S.import.linkedBack(program, all)}
      </p>
    );
  }
  return (
    <div className="rounded-lg bg-warn-soft p-3">
      <p className="flex gap-2 font-medium text-warn">
        <Icon name="warning" size={14} className="mt-[3px]" />
        {S.import.loses(program, files.length, all)}
      </p>
      <ul className="mt-1 max-h-28 overflow-auto text-xs text-ink-2">
        {files.slice(0, MOST).map((path) => (
          <li key={path} title={format.visible(path)}>
            <Foreign text={format.baseName(path)} />
          </li>
        ))}
      </ul>
      {app === null && kind !== null && linked > 0 && (
        <p className="mt-1 text-xs text-ink-2">{S.import.addFirst(program, linked, all)}</p>
      )}
    </div>
  );
}
