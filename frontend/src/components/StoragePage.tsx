/** What takes the space: as areas and as a table, the drives, and what lies outside a second time. */
import { useMemo, useState } from "react";
import { Button as AriaButton, ToggleButton, ToggleButtonGroup } from "react-aria-components";
import * as format from "@/format";
import { navigate } from "@/hooks/useLocation";
import { useStorage } from "@/hooks/useStorage";
import { BY, type By, type Share, sharesOf } from "@/storage";
import { familyLabel, kindLabel, S } from "@/strings";
import type { Storage, Usage, Volume } from "@/types/shapes";
import { OutsideCopies } from "./Copies";
import { Part } from "./Part";
import { Treemap } from "./Treemap";
import { Button, Empty, Failure, Foreign, Meter, Page, Skeleton } from "./ui";

export function StoragePage() {
  const { data, error, refetch } = useStorage();
  return (
    <Page title={S.pages.storage}>
      <div className="mx-auto max-w-5xl space-y-8 p-6 max-sm:px-3">
        {error && <Failure error={error} onRetry={refetch} />}
        {!data && !error && <Skeleton className="h-64" />}
        {data && (data.groups.length > 0 ? <Shares storage={data} /> : <Nothing />)}
        {data && data.trash > 0 && <InTrash size={data.trash} />}
        {data && <Volumes storage={data} />}
        <OutsideCopies />
      </div>
    </Page>
  );
}

function Nothing() {
  return <Empty icon="storage" title={S.storage.nothing} hint={S.storage.nothingHint} />;
}

function InTrash({ size }: { size: number }) {
  return (
    <p className="flex items-center gap-2 text-ink-2 tabular-nums">
      {S.storage.trash(format.bytes(size))}
      <Button look="quiet" icon="trash" onPress={() => navigate("/trash")}>
        {S.storage.toTrash}
      </Button>
    </p>
  );
}

function Shares({ storage }: { storage: Storage }) {
  const [by, setBy] = useState<By>("kind");
  const shares = useMemo(() => sharesOf(storage.groups, by), [storage.groups, by]);
  const nameOf = ({ key }: Share) => labelOf(key, by, storage.roots);
  const sizeOf = ({ bytes }: Share) => format.bytes(bytes);
  const open = ({ key }: Share) => show(key, by, storage.groups);
  return (
    <section>
      <div className="mb-3 flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 className="text-sm font-semibold">
          {S.storage.usage}
          <span className="ml-2 font-normal text-ink-2 tabular-nums">
            {S.storage.total(storage.models, format.bytes(storage.bytes))}
          </span>
        </h2>
        <ToggleButtonGroup
          aria-label={S.storage.byLabel}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[by]}
          onSelectionChange={(keys) => setBy([...keys].join("") as By)}
          className="flex h-8 rounded-md border border-line-strong p-0.5"
        >
          {BY.map((name) => (
            <ToggleButton
              key={name}
              id={name}
              className="flex cursor-default items-center rounded px-2.5 text-ink-2 hover:text-ink selected:bg-accent-soft selected:font-medium selected:text-accent-text"
            >
              {S.storage.by[name]}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      </div>
      <Treemap shares={shares} nameOf={nameOf} sizeOf={sizeOf} onOpen={open} />
      <ShareTable
        heading={S.storage.by[by]}
        shares={shares}
        total={storage.bytes}
        nameOf={nameOf}
        onOpen={open}
      />
    </section>
  );
}

interface TableProps {
  heading: string;
  shares: readonly Share[];
  total: number;
  nameOf: (share: Share) => string;
  onOpen: (share: Share) => void;
}

function ShareTable({ heading, shares, total, nameOf, onOpen }: TableProps) {
  const cell = "px-3 py-1.5 text-right tabular-nums max-sm:px-1";
  return (
    <table className="mt-4 w-full table-fixed border-collapse">
      <thead>
        <tr className="border-b border-line text-xs text-ink-2">
          <th scope="col" className="px-3 py-1.5 text-left font-semibold max-sm:px-1">
            {heading}
          </th>
          <th scope="col" className={`${cell} w-24 max-sm:w-14 font-semibold`}>
            {S.storage.models}
          </th>
          <th scope="col" className={`${cell} w-28 max-sm:w-19 font-semibold`}>
            {S.storage.size}
          </th>
          <th scope="col" className={`${cell} w-20 max-sm:w-12 font-semibold`}>
            {S.storage.share}
          </th>
        </tr>
      </thead>
      <tbody>
        {shares.map((share) => (
          <tr key={share.key} className="border-b border-line/60 hover:bg-hover">
            <th scope="row" className="max-w-0 px-3 py-1.5 text-left font-normal max-sm:px-1">
              <AriaButton
                onPress={() => onOpen(share)}
                className="block max-w-full cursor-default rounded text-left text-accent-text hover:underline"
              >
                <Foreign text={nameOf(share)} />
              </AriaButton>
            </th>
            <td className={cell}>{share.models.toLocaleString("en")}</td>
            <td className={cell}>{format.bytes(share.bytes)}</td>
            <td className={cell}>{format.percent(total > 0 ? share.bytes / total : 0)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Volumes({ storage }: { storage: Storage }) {
  return (
    <Part title={S.storage.drives}>
      {storage.volumes.map((volume) => (
        <VolumeRow key={volume.mount_point} volume={volume} />
      ))}
    </Part>
  );
}

/** Of the space of a drive; from here on it is nearly full. */
const FULL = 0.95;

function VolumeRow({ volume }: { volume: Volume }) {
  const taken = volume.total > 0 ? 1 - volume.free / volume.total : 0;
  return (
    <div className="px-4 py-3">
      <div className="mb-2 flex items-baseline gap-3">
        <Foreign text={volume.mount_point} className="min-w-0 font-mono text-xs" />
        <span className="flex-1 text-xs text-ink-3">{volume.filesystem}</span>
        <span
          className={`text-xs whitespace-nowrap tabular-nums ${taken > FULL ? "text-bad" : "text-ink-2"}`}
        >
          {S.storage.free(format.bytes(volume.free), format.bytes(volume.total))}
        </span>
      </div>
      <Meter
        label={S.storage.meter(volume.mount_point)}
        fraction={taken}
        tone={taken > FULL ? "bad" : "accent"}
      />
      <div className="mt-2 flex gap-3 text-xs text-ink-2 tabular-nums">
        <span className="whitespace-nowrap">{S.storage.used(format.bytes(volume.used))}</span>
        <Foreign text={volume.roots.join(", ")} className="min-w-0 flex-1 text-right text-ink-3" />
      </div>
    </div>
  );
}

function labelOf(key: string, by: By, roots: Storage["roots"]): string {
  if (by === "root") return roots[key] ?? key;
  if (key === "") return S.storage.unknown;
  return by === "kind" ? kindLabel(key) : familyLabel(key);
}

/** The models of a share, in the library. */
function show(key: string, by: By, groups: readonly Usage[]): void {
  const isAdapter = by === "kind" && groups.some((row) => row.adapter_type === key);
  const filter = by === "root" ? { q: `root:${key}` } : { [isAdapter ? "adapter_type" : by]: key };
  navigate("/", new URLSearchParams(filter));
}
