/** Which profile an app uses, and what else there is to be done with it. */
import { type ReactNode, useState } from "react";
import {
  Button as AriaButton,
  FieldError,
  Input,
  Label,
  Select,
  Text,
  TextField,
} from "react-aria-components";
import { useProfiles } from "@/hooks/useApps";
import type { ProfileActions } from "@/hooks/useProfile";
import { S } from "@/strings";
import type { App, Profile, ProfileDetail } from "@/types/shapes";
import { Confirm } from "./Confirm";
import { Choices, Chosen } from "./Editable";
import { Icon } from "./icons";
import { Badge, Button, Foreign } from "./ui";

interface Props {
  app: App;
  detail: ProfileDetail;
  actions: ProfileActions;
  hasDraft: boolean;
  children: ReactNode;
}

export function ProfileHead({ app, detail, actions, hasDraft, children }: Props) {
  const [asking, setAsking] = useState(false);
  const [name, setName] = useState<string | null>(null);
  const profiles = useProfiles().data ?? [];
  const variants = profiles.filter((one) => one.app === app.kind && one.variant && !one.hidden);
  const options = [
    ["", S.profile.usual] as const,
    ...variants.map((one) => [one.variant, nameOf(one)] as const),
  ];
  const slug = slugOf(name ?? "");
  const create = () => {
    if (slug === "" || isTaken) return;
    actions.begin.mutate({ kind: app.kind, name: slug });
    setName(null);
  };
  const isTaken = options.some(([variant]) => variant === slug && slug !== "");
  const isVariant = detail.variant !== "" && !detail.built_in;
  return (
    <div className="flex flex-wrap items-end gap-3">
      <Select
        className="w-72"
        aria-label={S.profile.variant}
        selectedKey={app.variant}
        isDisabled={hasDraft}
        onSelectionChange={(key) => actions.variant.mutate(String(key))}
      >
        <p className="mb-1 text-xs font-semibold text-ink-2">{S.profile.variant}</p>
        <AriaButton className="flex h-8 w-full cursor-default items-center justify-between gap-2 rounded-md border border-line-strong bg-canvas px-2.5 hover:bg-hover disabled:opacity-45">
          <Chosen />
          <Icon name="chevron" size={12} className="text-ink-3" />
        </AriaButton>
        <Choices options={options} />
      </Select>
      <Button icon="plus" className="h-8" isDisabled={hasDraft} onPress={() => setName("")}>
        {S.profile.begin}
      </Button>
      <div className="min-w-0 flex-1 pb-1.5">
        <Badge
          tone={detail.own ? "accent" : "neutral"}
          title={detail.own ? S.profile.ownHint : S.profile.builtInHint}
        >
          {detail.own ? S.profile.own : S.profile.builtIn}
        </Badge>
      </div>
      {children}
      {detail.own && (
        <Button icon="undo" className="h-8" onPress={() => setAsking(true)}>
          {isVariant ? S.profile.removeVariant : S.profile.remove}
        </Button>
      )}
      {hasDraft && <p className="w-full text-xs text-ink-2">{S.profile.firstSave}</p>}
      <Foreign text={detail.path} className="w-full font-mono text-xs text-ink-3" />
      <Confirm
        isOpen={asking}
        title={S.profile.removeTitle}
        confirm={S.profile.removeConfirm}
        danger
        onCancel={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          actions.remove.mutate({ name: detail.name, isUsed: isVariant });
        }}
      >
        <p>{S.profile.removeText}</p>
      </Confirm>
      <Confirm
        isOpen={name !== null}
        title={S.profile.beginTitle}
        confirm={S.profile.beginConfirm}
        onCancel={() => setName(null)}
        isDisabled={slug === "" || isTaken}
        onConfirm={create}
      >
        <p className="mb-3">{S.profile.beginHint}</p>
        <TextField
          value={name ?? ""}
          onChange={setName}
          onKeyDown={(event) => event.key === "Enter" && create()}
          isInvalid={isTaken}
          autoFocus
        >
          <Label className="mb-1 block text-xs font-semibold text-ink-2">
            {S.profile.beginName}
          </Label>
          <Input
            placeholder={S.profile.beginExample}
            spellCheck={false}
            className="h-8 w-full rounded-md border border-line-strong bg-canvas px-2.5 text-ink invalid:border-bad placeholder:text-ink-3"
          />
          <Text slot="description" className="mt-1 block text-xs text-ink-3">
            {slug ? S.profile.beginAs(slug) : S.profile.beginRule}
          </Text>
          <FieldError className="block text-xs text-bad">{S.profile.beginTaken}</FieldError>
        </TextField>
      </Confirm>
    </div>
  );
}

/** What it is called, and its word in files and commands when that says something else. */
function nameOf({ variant, display }: Profile): string {
  return display.toLowerCase().includes(variant) ? display : `${display} · ${variant}`;
}

/** The word that files and commands know it by. */
function slugOf(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9_.]+/g, "-")
    .replace(/^[-_.]+|-+$/g, "");
}
