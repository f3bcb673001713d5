/** The top of the details: what a model is called, how it looks, and what is wrong with it now. */
import type { Change } from "@/api/models";
import { previewAddress } from "@/api/models";
import * as format from "@/format";
import { navigate } from "@/hooks/useLocation";
import { S } from "@/strings";
import type { Model } from "@/types/shapes";
import { KindBadge, StateBadge, TierBadge, TrustBadge } from "./Badges";
import { ByHand, EditableText } from "./Editable";
import { Icon } from "./icons";
import { MissingShards } from "./MissingShards";
import { Button, Visible } from "./ui";

interface Props {
  model: Model;
  change: (next: Change) => void;
  onLookUp: (id: string) => void;
}

export function ModelHead({ model, change, onLookUp }: Props) {
  const byHand = model.user_set.includes("official_name");
  return (
    <div className="border-b border-line px-4 py-4">
      {model.preview && (
        <img
          src={previewAddress(model.model_id)}
          alt={S.detail.preview(format.visible(model.official_name))}
          className="mb-3 max-h-64 w-full rounded-lg bg-sunken object-contain"
        />
      )}
      <div className="flex items-start gap-2">
        <h2 className="min-w-0 flex-1 text-base font-semibold">
          <EditableText
            label={S.table.name}
            value={model.official_name}
            placeholder=""
            onSave={(text) => change({ field: "official_name", value: text })}
          >
            <bdi className="line-clamp-3 break-words">
              <Visible text={model.official_name} />
            </bdi>
          </EditableText>
        </h2>
        <ByHand
          label={S.table.name}
          isSetByHand={byHand}
          onUnset={() => change({ field: "official_name", value: null })}
        />
      </div>
      <div className="mt-2 flex flex-wrap gap-1">
        <KindBadge model={model} />
        <TrustBadge match={model.match} />
        <TierBadge tier={model.security.tier} />
        <StateBadge state={model.state} />
      </div>
      <StateNotice model={model} />
      {model.missing_files.length > 0 && (
        <div className="mt-2">
          <MissingShards model={model} onLookUp={onLookUp} />
        </div>
      )}
      {model.match.pending && (
        <p className="mt-3 flex items-center gap-2 rounded-md bg-sunken px-3 py-2 text-ink-2 dark:bg-hover">
          <span className="min-w-0 flex-1">{S.detail.pending}</span>
          <Button icon="search" onPress={() => onLookUp(model.model_id)}>
            {S.batch.lookUp}
          </Button>
        </p>
      )}
    </div>
  );
}

/** What is wrong with it now, and what that means. */
function StateNotice({ model }: { model: Model }) {
  const notices: string[] = [];
  // A set that came in without some of its shards counts as missing: these are named instead.
  const isShort = model.state === "missing" && model.missing_files.length > 0;
  if (model.state !== "online" && !isShort) notices.push(S.states[model.state][1]);
  if (model.missing_files.length > 0)
    notices.push(S.detail.missingShards(model.missing_files.length));
  if (model.verified && !model.verified.intact) {
    notices.push(`${S.detail.damaged}: ${model.verified.detail}`);
  }
  if (notices.length === 0) return null;
  return (
    <ul className="mt-3 space-y-1 rounded-md bg-warn-soft px-3 py-2 text-warn">
      {notices.map((text) => (
        <li key={text} className="flex gap-2">
          <Icon name="warning" size={14} className="mt-[3px]" />
          <span className="min-w-0 break-words">
            <Visible text={text} />
          </span>
        </li>
      ))}
      {model.state === "missing" && !isShort && (
        <li>
          <Button className="mt-1" onPress={() => navigate("/health")}>
            {S.detail.toHealth}
          </Button>
        </li>
      )}
    </ul>
  );
}
