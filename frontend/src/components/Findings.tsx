/** What is broken, each with what to do about it as a button. */
import { useState } from "react";
import type { useHealthActions } from "@/hooks/useHealthActions";
import { navigate } from "@/hooks/useLocation";
import { openImport } from "@/hooks/useOpenedImport";
import type { Moved } from "@/hooks/useRelocation";
import { S } from "@/strings";
import type { Finding, Health } from "@/types/shapes";
import { Icon } from "./icons";
import { RelocateDialog } from "./RelocateDialog";
import { Button, Foreign } from "./ui";

const LOOKS = {
  error: ["error", "text-bad"],
  warning: ["warning", "text-warn"],
  info: ["info", "text-ink-3"],
} as const;

const WELL = ["check", "text-good"] as const;

const MOST_SHOWN = 300;

interface Props {
  health: Health;
  actions: ReturnType<typeof useHealthActions>;
}

export function Findings({ health, actions }: Props) {
  const [moved, setMoved] = useState<Moved | null>(null);
  const { findings } = health;
  return (
    <>
      <ul>
        {findings.slice(0, MOST_SHOWN).map((finding) => (
          <li
            key={`${finding.finding_id} ${finding.message}`}
            className="border-b border-line/60 px-4 py-3 last:border-b-0"
          >
            <Row finding={finding} actions={actions} onMoved={setMoved} />
          </li>
        ))}
      </ul>
      {findings.length > MOST_SHOWN && (
        <p className="px-4 py-2 text-xs text-ink-3">
          {S.health.notShown(findings.length - MOST_SHOWN)}
        </p>
      )}
      <RelocateDialog moved={moved} onClose={() => setMoved(null)} />
    </>
  );
}

interface RowProps {
  finding: Finding;
  actions: Props["actions"];
  onMoved: (moved: Moved) => void;
}

function Row({ finding, actions, onMoved }: RowProps) {
  const looks = LOOKS[finding.severity as keyof typeof LOOKS] ?? LOOKS.info;
  const [icon, color] = finding.code === "links-work" ? WELL : looks;
  const acts = remedies(finding, actions, onMoved);
  return (
    <div className="flex gap-3">
      <Icon name={icon} className={`mt-0.5 ${color}`} />
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words">{finding.message}</p>
        {finding.path && !finding.message.includes(finding.path) && (
          <Foreign wraps text={finding.path} className="font-mono text-xs text-ink-2" />
        )}
        <p className="break-words text-ink-2">{whatToDo(finding)}</p>
      </div>
      {acts.length > 0 && (
        <div className="flex w-33 shrink-0 flex-col items-stretch gap-1">
          {acts.map(({ label, act, isHeld }, index) => (
            <Button
              key={label}
              look={index === 0 ? "plain" : "quiet"}
              isDisabled={isHeld}
              aria-label={`${label}: ${finding.message}`}
              onPress={act}
            >
              {label}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Of a link that works in another copy of the library there is nothing to fix. */
function whatToDo({ code, fixable, action }: Finding): string {
  if (code === "link-elsewhere" && !fixable) return S.health.elsewhere;
  return S.health.does[code] ?? action;
}

interface Remedy {
  label: string;
  act: () => void;
  isHeld?: boolean;
}

/** Findings that are about something in the place of a link: the page of the application decides. */
const OF_APPS: ReadonlySet<string> = new Set([
  "foreign-file",
  "foreign-link",
  "orphaned-link",
  "links-waiting",
  "links-off",
  "detached-hard-link",
  "forgotten-root",
]);
/** ... and those that go when the file comes in again. */
const OF_FILES: ReadonlySet<string> = new Set([
  "model-gone",
  "model-missing-files",
  "model-changed",
  "model-damaged",
]);

function remedies(
  { finding_id, code, fixable, app, model_id, path }: Finding,
  actions: Props["actions"],
  onMoved: (moved: Moved) => void,
): Remedy[] {
  const found: Remedy[] = [];
  const isGone = code.startsWith("model-gone");
  const add = (when: unknown, label: string, act: () => void, isHeld = false) => {
    if (when) found.push({ label, act, isHeld });
  };
  add(fixable, S.health.fixOne, () => actions.fix.mutate([finding_id]), actions.fix.isPending);
  add(code === "root-offline" && path, S.health.isElsewhere, () => onMoved({ root: path ?? "" }));
  add(code === "app-gone" && app, S.health.isElsewhere, () => onMoved({ app: app ?? "" }));
  add(code === "only-copy" && path, S.health.importIt, () => openImport({ paths: [path ?? ""] }));
  add(code === "model-gone-restorable" && model_id, S.health.restore, () =>
    actions.restore.mutate(model_id ?? ""),
  );
  add(OF_FILES.has(code), S.health.importAgain, () => openImport());
  add(isGone && model_id, S.health.forget, () => actions.forget.mutate(model_id ?? ""));
  add(code === "model-damaged" && model_id, S.health.verifyOne, () =>
    actions.verifyOne.mutate(model_id ?? ""),
  );
  add(app && (OF_APPS.has(code) || code === "app-gone"), S.health.openApp, () =>
    navigate("/apps", new URLSearchParams({ app: app ?? "" })),
  );
  add(model_id && !isGone, S.health.show, () =>
    navigate("/", new URLSearchParams({ model: model_id ?? "" })),
  );
  return found;
}
