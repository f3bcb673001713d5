/** One repository of the Hub: what is in it, and what of it to fetch. */
import { useState } from "react";
import { Checkbox, Radio, RadioGroup } from "react-aria-components";
import * as format from "@/format";
import { useDownload, useRepository } from "@/hooks/useHub";
import { useStatus } from "@/hooks/useLibrary";
import { isPickleName } from "@/importing";
import { S } from "@/strings";
import type { Repository } from "@/types/shapes";
import { Beside } from "./Beside";
import { Tick } from "./Facets";
import { Freshness } from "./Freshness";
import { PageLink } from "./GateHelp";
import { HubAway } from "./HubAway";
import { Icon } from "./icons";
import { Badge, Button, Foreign, IconButton, Section, Skeleton } from "./ui";

interface Props {
  repo: string;
  onClose: () => void;
}

export function RepositoryPanel({ repo, onClose }: Props) {
  const { data, error, retry, isFetching } = useRepository(repo);
  return (
    <Beside label={S.hub.repository} onClose={onClose}>
      <header className="flex h-11 shrink-0 items-center gap-2 border-b border-line pr-2 pl-4">
        <h2 className="min-w-0 flex-1 font-semibold">
          <Foreign text={repo} />
        </h2>
        <IconButton icon="close" label={S.detail.close} onPress={onClose} />
      </header>
      {error && <HubAway error={error} onRetry={retry} />}
      {!data && !error && (
        <div className="space-y-3 p-4">
          <Skeleton className="h-5 w-2/3" />
          <Skeleton className="h-32" />
        </div>
      )}
      {data && <Contents repository={data} isRefreshing={isFetching} />}
    </Beside>
  );
}

interface ContentsProps {
  repository: Repository;
  isRefreshing: boolean;
}

function Contents({ repository, isRefreshing }: ContentsProps) {
  const { model, choices } = repository;
  const [chosen, setChosen] = useState(choices[0]?.name ?? "");
  const [files, setFiles] = useState<ReadonlySet<string>>(new Set());
  const [accepted, setAccepted] = useState(false);
  const start = useDownload();
  const choice = choices.find((one) => one.name === chosen);
  const picked = repository.files.filter((file) => files.has(file.path));
  const size =
    picked.length > 0 ? picked.reduce((sum, file) => sum + (file.size ?? 0), 0) : choice?.size;
  const wanted = picked.length > 0 ? picked.map((file) => file.path) : (choice?.files ?? []);
  const isRisky = wanted.some(isPickleName);

  const begin = () =>
    start.mutate({
      repo: model.repo,
      ...(picked.length > 0 ? { files: wanted } : choice && { quant: choice.name }),
      ...(isRisky && { accept_pickle: true }),
    });
  const toggle = (path: string) => {
    const next = new Set(files);
    if (!next.delete(path)) next.add(path);
    setFiles(next);
  };
  return (
    <>
      <div className="min-h-0 flex-1 overflow-auto">
        <About repository={repository} isRefreshing={isRefreshing} />
        {choices.length > 0 && (
          <Section title={S.hub.choices}>
            <Choices
              repository={repository}
              chosen={picked.length > 0 ? "" : chosen}
              onChoose={(name) => {
                setChosen(name);
                setFiles(new Set());
              }}
            />
          </Section>
        )}
        <Files repository={repository} selected={files} onToggle={toggle} />
      </div>
      <footer className="shrink-0 space-y-2 border-t border-line bg-chrome p-3">
        {isRisky && (
          <Checkbox
            isSelected={accepted}
            onChange={setAccepted}
            className="group flex gap-2 text-xs"
          >
            <span className="mt-0.5">
              <Tick />
            </span>
            <span>
              <span className="block font-medium text-warn">{S.hub.pickle}</span>
              {S.hub.acceptPickle}
            </span>
          </Checkbox>
        )}
        <Button
          look="primary"
          icon="downloads"
          className="h-8 w-full"
          isDisabled={start.isPending || (isRisky && !accepted)}
          onPress={begin}
        >
          {size === undefined ? S.hub.download : S.hub.downloadSize(format.bytes(size))}
        </Button>
      </footer>
    </>
  );
}

function About({ repository, isRefreshing }: ContentsProps) {
  const { model } = repository;
  const facts = [
    model.pipeline_tag,
    model.license,
    model.parameters === null ? null : format.parameters(model.parameters),
  ].filter((fact) => fact !== null);
  return (
    <div className="border-b border-line px-4 py-4">
      <div className="flex flex-wrap gap-1">
        {facts.map((fact) => (
          <Badge key={fact}>{fact}</Badge>
        ))}
        {model.private && <Badge icon="lock">{S.hub.private}</Badge>}
        <Freshness answer={repository} isRefreshing={isRefreshing} />
      </div>
      {model.gated && <Gate isManual={model.gated === "manual"} />}
      <PageLink page={model.url} />
    </div>
  );
}

function Gate({ isManual }: { isManual: boolean }) {
  const hasToken = useStatus().data?.network.token;
  return (
    <div className="mt-3 rounded-lg bg-warn-soft p-3">
      <p className="flex items-center gap-2 font-medium text-warn">
        <Icon name="lock" size={14} />
        {S.hub.gatedTitle}
      </p>
      <p className="mt-1 text-xs text-ink-2">{isManual ? S.hub.gatedManual : S.hub.gatedAuto}</p>
      <p className="mt-1 text-xs text-ink-2">{hasToken ? S.hub.gatedToken : S.hub.gatedNoToken}</p>
    </div>
  );
}

interface ChoicesProps {
  repository: Repository;
  chosen: string;
  onChoose: (name: string) => void;
}

function Choices({ repository, chosen, onChoose }: ChoicesProps) {
  return (
    <RadioGroup aria-label={S.hub.choices} value={chosen} onChange={onChoose}>
      {repository.choices.map((choice) => (
        <Radio
          key={choice.name}
          value={choice.name}
          className="group -mx-2 flex h-8 cursor-default items-center gap-2.5 rounded-md px-2 hover:bg-hover selected:bg-accent-soft"
        >
          <span className="size-3.5 shrink-0 rounded-full border border-line-strong bg-canvas group-selected:border-4 group-selected:border-accent" />
          <Foreign text={choice.name} className="min-w-0 flex-1 font-medium" />
          <span className="text-xs text-ink-3">{S.hub.files(choice.files.length)}</span>
          <span className="w-16 text-right text-xs text-ink-2 tabular-nums">
            {format.bytes(choice.size)}
          </span>
        </Radio>
      ))}
    </RadioGroup>
  );
}

interface FilesProps {
  repository: Repository;
  selected: ReadonlySet<string>;
  onToggle: (path: string) => void;
}

const MOST_SHOWN = 500;

function Files({ repository, selected, onToggle }: FilesProps) {
  const { files, refused } = repository;
  return (
    <details className="group/files px-4 py-3">
      <summary className="flex h-6 cursor-default list-none items-center gap-1.5 rounded text-xs font-semibold text-ink-2">
        <Icon name="right" size={12} className="transition-transform group-open/files:rotate-90" />
        {S.hub.single(files.length)}
      </summary>
      <ul className="mt-1">
        {files.slice(0, MOST_SHOWN).map((file) => (
          <li key={file.path}>
            <Checkbox
              isSelected={selected.has(file.path)}
              onChange={() => onToggle(file.path)}
              className="group flex h-7 cursor-default items-center gap-2 rounded px-1 hover:bg-hover"
            >
              <Tick />
              <Foreign text={file.path} className="min-w-0 flex-1" />
              <span className="text-xs text-ink-3 tabular-nums">
                {file.size === null ? "" : format.bytes(file.size)}
              </span>
            </Checkbox>
          </li>
        ))}
      </ul>
      {refused.length > 0 && (
        <p className="mt-2 text-xs text-warn">{S.hub.refused(refused.length)}</p>
      )}
    </details>
  );
}
