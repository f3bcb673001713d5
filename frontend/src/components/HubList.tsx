/** Repositories that were found on the Hub, one in a row. */
import type { ReactNode } from "react";
import * as format from "@/format";
import { setParameters } from "@/hooks/useLocation";
import { S } from "@/strings";
import type { RemoteModel } from "@/types/shapes";
import { Icon } from "./icons";
import { Badge, Foreign } from "./ui";

interface Props {
  models: readonly RemoteModel[];
  /** The repository that is open. */
  selected: string | null;
}

export function HubList({ models, selected }: Props) {
  return (
    <ul aria-label={S.hub.results} className="@container">
      {models.map((model) => (
        <li key={model.repo} className="border-b border-line/60">
          <button
            type="button"
            aria-current={model.repo === selected || undefined}
            onClick={() => setParameters({ repo: model.repo, model: "" })}
            className="flex w-full cursor-default items-center gap-4 px-4 py-2 text-left -outline-offset-2 hover:bg-hover aria-[current]:bg-accent-soft"
          >
            <Result model={model} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function Result({ model }: { model: RemoteModel }) {
  const facts = [
    model.pipeline_tag,
    model.library_name,
    model.parameters === null ? null : format.parameters(model.parameters),
    model.license,
  ].filter((fact) => fact !== null);
  return (
    <>
      <span className="min-w-0 flex-1">
        <Foreign text={model.repo} className="font-medium" />
        <Foreign text={facts.join(" · ")} className="text-xs text-ink-2" />
      </span>
      {model.gated && (
        <Badge icon="lock" tone="warn">
          {S.hub.gated}
        </Badge>
      )}
      <Count icon="downloads" label={S.hub.downloads} value={model.downloads} />
      <Count icon="heart" label={S.hub.likes} value={model.likes} />
      <span className="w-24 shrink-0 text-right text-xs text-ink-3 @max-2xl:hidden">
        {model.updated && format.day(model.updated)}
      </span>
    </>
  );
}

interface CountProps {
  icon: "downloads" | "heart";
  label: string;
  value: number | null;
}

function Count({ icon, label, value }: CountProps): ReactNode {
  if (value === null) return null;
  return (
    <span
      title={label}
      className="flex w-16 shrink-0 items-center justify-end gap-1 text-xs text-ink-3 tabular-nums @max-md:hidden"
    >
      <span className="sr-only">{label}</span>
      {format.roughly(value)}
      <Icon name={icon} size={12} />
    </span>
  );
}
