import { Button as AriaButton, Disclosure, DisclosurePanel } from "react-aria-components";
import * as format from "@/format";
import { S } from "@/strings";
import type { Model, ModelFile } from "@/types/shapes";
import { Icon } from "./icons";
import { CopyButton, Foreign } from "./ui";

/** The files of a model; each opens to its checksums. */
export function FileList({ model }: { model: Model }) {
  const alone = model.files.length === 1;
  return (
    <ul className="space-y-0.5">
      {model.files.map((file) => (
        <li key={file.path}>
          <FileEntry file={file} isOpen={alone} />
        </li>
      ))}
      {model.missing_files.map((name) => (
        <li key={name} className="flex h-7 items-center gap-2 text-warn">
          <Icon name="warning" size={13} />
          <Foreign text={name} />
        </li>
      ))}
    </ul>
  );
}

function FileEntry({ file, isOpen }: { file: ModelFile; isOpen: boolean }) {
  const hashes = [
    [S.detail.sha256, file.sha256],
    [S.detail.blake3, file.blake3],
    [S.detail.autov3, file.autov3],
  ] as const;
  const facts = [
    file.shard_index !== null && file.shard_total !== null
      ? S.detail.shard(file.shard_index, file.shard_total)
      : null,
    file.tensor_count !== null ? S.detail.tensors(file.tensor_count) : null,
  ].filter((fact) => fact !== null);
  return (
    <Disclosure defaultExpanded={isOpen} className="group">
      <AriaButton
        slot="trigger"
        className="-mx-1.5 flex h-7 w-[calc(100%+12px)] cursor-default items-center gap-2 rounded-md px-1.5 hover:bg-hover"
      >
        <Icon
          name="right"
          size={12}
          className="text-ink-3 transition-transform group-expanded:rotate-90"
        />
        <Foreign text={file.path} className="min-w-0 flex-1 text-left" />
        <span className="shrink-0 text-xs text-ink-2 tabular-nums">{format.bytes(file.size)}</span>
      </AriaButton>
      <DisclosurePanel className="pl-5">
        {facts.length > 0 && <p className="text-xs text-ink-3">{facts.join(" · ")}</p>}
        <dl>
          {hashes.map(([name, value]) =>
            value === null ? null : (
              <div key={name} className="flex h-6 items-center gap-2">
                <dt className="w-16 shrink-0 text-xs text-ink-3">{name}</dt>
                <dd className="flex min-w-0 flex-1 items-center gap-2">
                  <span
                    className="min-w-0 flex-1 truncate font-mono text-xs text-ink-2"
                    title={value}
                  >
                    {value}
                  </span>
                  <CopyButton text={value} what={`${name} ${file.path}`} />
                </dd>
              </div>
            ),
          )}
        </dl>
      </DisclosurePanel>
    </Disclosure>
  );
}
