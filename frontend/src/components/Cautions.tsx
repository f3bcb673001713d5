/** What a preview warns of. What is about the machine, and stays so, is short and can be put away. */
import { useState } from "react";
import { adviceOf } from "@/advice";
import { useDismissed } from "@/hooks/useDismissed";
import { S } from "@/strings";
import type { Caution } from "@/types/shapes";
import { Icon } from "./icons";
import { Button, Foreign, IconButton } from "./ui";

/** About where things lie: nothing that is done on this page changes it. */
const STANDING = new Set([
  "sandbox",
  "app-sandbox",
  "cross-filesystem",
  "ntfs-symlinks",
  "hard-links-impossible",
]);

interface Props {
  /** The application that they are about. */
  app: string;
  cautions: readonly Caution[];
}

export function Cautions({ app, cautions }: Props) {
  const { dismissed, dismiss, bringBack } = useDismissed();
  const nameOf = (one: Caution) => [app, one.code, one.path ?? ""].join(" ");
  const isAway = (one: Caution) => STANDING.has(one.code) && dismissed.has(nameOf(one));
  const away = cautions.filter(isAway).map(nameOf);
  return (
    <>
      {cautions
        .filter((one) => !isAway(one))
        .map((one) =>
          STANDING.has(one.code) ? (
            <Standing
              key={`${one.code} ${one.message}`}
              caution={one}
              onDismiss={() => dismiss(nameOf(one))}
            />
          ) : (
            <Warning key={`${one.code} ${one.message}`} caution={one} />
          ),
        )}
      {away.length > 0 && (
        <Button look="quiet" className="h-6 text-xs" onPress={() => bringBack(away)}>
          {S.apps.bringBack(away.length)}
        </Button>
      )}
    </>
  );
}

function Warning({ caution }: { caution: Caution }) {
  return (
    <div className="flex gap-3 rounded-lg bg-warn-soft px-4 py-3">
      <Icon name="warning" size={14} className="mt-0.5 shrink-0 text-warn" />
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words">{caution.message}</p>
        <Advice caution={caution} />
      </div>
    </div>
  );
}

function Advice({ caution }: { caution: Caution }) {
  const { path } = caution;
  return (
    <>
      {path && <Foreign text={path} className="font-mono text-xs text-ink-2" />}
      <p className="break-words text-ink-2">{adviceOf(caution)}</p>
    </>
  );
}

interface StandingProps {
  caution: Caution;
  onDismiss: () => void;
}

function Standing({ caution, onDismiss }: StandingProps) {
  const [open, setOpen] = useState(false);
  const word = open ? S.apps.lessOf : S.apps.moreOf;
  return (
    <div className="flex gap-3 rounded-lg border border-line px-4 py-2">
      <Icon name="info" size={14} className="mt-1.5 shrink-0 text-ink-3" />
      <div className="min-w-0 flex-1 py-1">
        <p className="break-words">{caution.message}</p>
        {open && <Advice caution={caution} />}
      </div>
      <Button
        look="quiet"
        aria-expanded={open}
        aria-label={`${word}: ${caution.message}`}
        onPress={() => setOpen(!open)}
      >
        {word}
      </Button>
      <IconButton icon="close" size={14} label={S.apps.dismiss} onPress={onDismiss} />
    </div>
  );
}
