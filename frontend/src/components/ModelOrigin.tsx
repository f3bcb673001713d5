/** Where a model came from, under which licence, and where it lies. */
import { isWindow, showInFileManager } from "@/api/native";
import * as format from "@/format";
import { toastError } from "@/hooks/useToasts";
import { S } from "@/strings";
import { trustOf } from "@/trust";
import type { Model } from "@/types/shapes";
import { Icon } from "./icons";
import { CopyButton, Foreign, IconButton, Section, Visible } from "./ui";

export function ModelOrigin({ model }: { model: Model }) {
  const rows: [string, React.ReactNode][] = [
    [S.detail.licence, model.license ?? <span className="text-ink-3">{S.detail.noLicence}</span>],
    [S.detail.added, format.moment(model.added)],
    [S.detail.placement, S.placements[model.placement] ?? model.placement],
  ];
  if (model.verified?.intact) {
    rows.push([S.batch.verify, S.detail.verified(format.moment(model.verified.date))]);
  }
  if (model.origin_path)
    rows.push([S.detail.origin, <Place key="origin" path={model.origin_path} />]);
  const pulled = model.source_labels["ollama.name"];
  if (pulled) rows.push([S.detail.ollama, <Foreign key="ollama" text={asOllamaLists(pulled)} />]);
  if (model.path) rows.push([S.detail.location, <Place key="place" path={model.path} />]);
  return (
    <Section title={S.detail.source}>
      <Sources model={model} />
      <dl className="mt-3 grid grid-cols-[88px_1fr] gap-x-3 gap-y-1">
        {rows.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd className="min-w-0">{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

/** Ollama leaves out its own registry: `tinyllama:1.1b`. */
function asOllamaLists(name: string) {
  return name.replace(/^registry\.ollama\.ai\/(library\/)?/, "");
}

function Sources({ model }: { model: Model }) {
  if (model.sources.length === 0) {
    const text = model.match.pending ? S.detail.pendingSource : S.detail.noSource;
    return <p className="text-ink-2">{text}</p>;
  }
  return (
    <>
      <p className="mb-1 text-ink-2">{S.trust.why[trustOf(model.match)]}</p>
      <ul className="space-y-0.5">
        {model.sources.map((source) => (
          <li key={`${source.provider} ${source.repo} ${source.revision} ${source.file}`}>
            <Address url={source.url} text={source.repo ?? source.model_id ?? source.provider} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** A link to the outside, only where it is the web: an address comes from strangers. */
function Address({ url, text }: { url: string | null; text: string }) {
  if (url === null || !/^https:\/\//i.test(url)) return <Foreign text={text} />;
  return (
    <a
      href={url}
      target="_blank"
      rel="noreferrer noopener"
      className="flex items-center gap-1 text-accent-text hover:underline"
    >
      <Foreign text={text} />
      <Icon name="outside" size={12} />
    </a>
  );
}

function Place({ path }: { path: string }) {
  return (
    <span className="flex items-start gap-1">
      <bdi className="min-w-0 flex-1 font-mono text-xs leading-5 break-all text-ink-2">
        <Visible text={path} />
      </bdi>
      <CopyButton text={path} what={format.baseName(path)} />
      {isWindow() && (
        <IconButton
          icon="folder"
          size={13}
          className="size-6"
          label={S.detail.showFile(format.baseName(path))}
          onPress={() => void showInFileManager(path).catch(toastError)}
        />
      )}
    </span>
  );
}
