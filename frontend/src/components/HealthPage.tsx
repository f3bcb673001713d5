/** What is broken and how it is mended, whether the bytes are still right, and what was deleted. */
import { type ReactNode, useState } from "react";
import * as format from "@/format";
import { useHealthActions, useTrash } from "@/hooks/useHealthActions";
import { useHealth } from "@/hooks/useLibrary";
import { navigate } from "@/hooks/useLocation";
import { kindLabel, S } from "@/strings";
import type { Finding, Health } from "@/types/shapes";
import { Confirm } from "./Confirm";
import { Icon } from "./icons";
import { Button, Empty, Failure, Foreign, Page, Skeleton } from "./ui";

type Actions = ReturnType<typeof useHealthActions>;

export function HealthPage() {
  const { data, error, refetch, isFetching } = useHealth();
  const actions = useHealthActions();
  const fixable = data?.findings.some((finding) => finding.fixable) ?? false;
  return (
    <Page
      title={S.pages.health}
      actions={
        <>
          <Button icon="refresh" isDisabled={isFetching} onPress={() => refetch()}>
            {S.health.again}
          </Button>
          <Button
            look="primary"
            isDisabled={!fixable || actions.fix.isPending}
            onPress={() => actions.fix.mutate()}
          >
            {S.health.fix}
          </Button>
        </>
      }
    >
      <div className="mx-auto max-w-3xl space-y-8 p-6">
        {error && <Failure error={error} onRetry={refetch} />}
        {!data && !error && <Skeleton className="h-24" />}
        {data && <Findings health={data} />}
        <Bytes actions={actions} />
        <Trash actions={actions} />
      </div>
    </Page>
  );
}

function Part({
  title,
  aside,
  children,
}: {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section>
      <div className="mb-2 flex h-7 items-center justify-between gap-2">
        <h2 className="text-sm font-semibold">{title}</h2>
        {aside}
      </div>
      <div className="overflow-hidden rounded-lg border border-line">{children}</div>
    </section>
  );
}

const LOOKS = {
  error: ["error", "text-bad"],
  warning: ["warning", "text-warn"],
  info: ["info", "text-ink-3"],
} as const;

function Findings({ health }: { health: Health }) {
  const summary = S.health.summary(health.working, health.links, health.apps);
  if (health.findings.length === 0) {
    return (
      <Part title={S.health.findings}>
        <div className="flex items-center gap-3 px-4 py-4">
          <Icon name="check" className="text-good" />
          <div>
            <p className="font-medium">{S.health.nothing}</p>
            <p className="text-ink-2">{summary}</p>
          </div>
        </div>
      </Part>
    );
  }
  return (
    <Part
      title={S.health.findings}
      aside={<span className="text-xs text-ink-3 tabular-nums">{summary}</span>}
    >
      <ul>
        {health.findings.map((finding) => (
          <li
            key={`${finding.code} ${finding.app} ${finding.model_id} ${finding.path}`}
            className="border-b border-line/60 px-4 py-3 last:border-b-0"
          >
            <FindingRow finding={finding} />
          </li>
        ))}
      </ul>
    </Part>
  );
}

function FindingRow({ finding }: { finding: Finding }) {
  const [icon, color] = LOOKS[finding.severity as keyof typeof LOOKS] ?? LOOKS.info;
  const { model_id } = finding;
  return (
    <div className="flex gap-3">
      <Icon name={icon} className={`mt-0.5 ${color}`} />
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words">{finding.message}</p>
        {finding.path && <Foreign text={finding.path} className="font-mono text-xs text-ink-2" />}
        <p className="text-ink-2">{finding.action}</p>
      </div>
      {model_id && (
        <Button
          look="quiet"
          onPress={() => navigate("/", new URLSearchParams({ model: model_id }))}
        >
          {S.health.show}
        </Button>
      )}
    </div>
  );
}

function Bytes({ actions }: { actions: Actions }) {
  const rows = [
    [S.health.verify, S.health.verifyHint, () => actions.verify.mutate()],
    [S.health.scan, S.health.scanHint, () => actions.scan.mutate(false)],
    [S.health.rebuild, S.health.rebuildHint, () => actions.scan.mutate(true)],
  ] as const;
  return (
    <Part title={S.health.checks}>
      <ul>
        {rows.map(([label, hint, begin]) => (
          <li
            key={label}
            className="flex items-center gap-4 border-b border-line/60 px-4 py-3 last:border-b-0"
          >
            <div className="min-w-0 flex-1">
              <p className="font-medium">{label}</p>
              <p className="text-ink-2">{hint}</p>
            </div>
            <Button aria-label={S.health.beginOf(label)} onPress={begin}>
              {S.health.begin}
            </Button>
          </li>
        ))}
      </ul>
    </Part>
  );
}

const MOST_SHOWN = 500;

function Trash({ actions }: { actions: Actions }) {
  const { data: trash, error, refetch } = useTrash();
  const [asking, setAsking] = useState(false);
  const size = trash?.reduce((sum, model) => sum + model.size, 0) ?? 0;
  return (
    <Part
      title={S.health.trash}
      aside={
        trash &&
        trash.length > 0 && (
          <Button look="danger" icon="trash" onPress={() => setAsking(true)}>
            {S.health.empty(format.bytes(size))}
          </Button>
        )
      }
    >
      {error && <Failure error={error} onRetry={refetch} />}
      {trash?.length === 0 && <Empty icon="trash" title={S.health.noTrash} />}
      <ul>
        {trash?.slice(0, MOST_SHOWN).map((model) => (
          <li
            key={model.path}
            className="flex h-11 items-center gap-4 border-b border-line/60 px-4 last:border-b-0"
          >
            <Foreign text={model.official_name} className="min-w-0 flex-1 font-medium" />
            <span className="text-xs text-ink-2 tabular-nums">
              {kindLabel(model.kind, model.adapter_type)} · {format.bytes(model.size)} ·{" "}
              {format.day(model.deleted)}
            </span>
            <Button
              icon="undo"
              aria-label={S.health.restoreOf(model.official_name)}
              isDisabled={actions.restore.isPending}
              onPress={() => actions.restore.mutate(model.model_id)}
            >
              {S.health.restore}
            </Button>
          </li>
        ))}
      </ul>
      <Confirm
        isOpen={asking}
        title={S.health.emptyTitle}
        confirm={S.health.emptyConfirm}
        danger
        onCancel={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          actions.empty.mutate();
        }}
      >
        <p>{S.health.emptyText(trash?.length ?? 0, format.bytes(size))}</p>
      </Confirm>
    </Part>
  );
}
