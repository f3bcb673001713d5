/** The path of a chooser: what is open, and a place to type or paste another. */
import type { KeyboardEvent, Ref } from "react";
import { FieldError, Input, Text, TextField } from "react-aria-components";
import { ApiError } from "@/api/client";
import * as format from "@/format";
import type { useOpenFolder } from "@/hooks/useFolder";
import { S } from "@/strings";
import { Icon } from "./icons";
import { Visible } from "./ui";

interface Props {
  opened: ReturnType<typeof useOpenFolder>;
  input: Ref<HTMLInputElement>;
  autoFocus: boolean;
  /** What becomes of a file that is named. */
  fileHint: string;
  onEnter: () => void;
  /** Into the list. */
  onDown: () => void;
}

export function PathField({ opened, input, autoFocus, fileHint, onEnter, onDown }: Props) {
  const { folder, text } = opened;
  const problem = problemOf(opened);
  const keys = (event: KeyboardEvent) => {
    const acts: Record<string, () => void> = { Enter: onEnter, ArrowDown: onDown };
    if (text !== null) acts.Escape = () => opened.type(null);
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation(); // Escape takes back what was typed; the next one is the dialog's
    act();
  };
  return (
    <TextField
      aria-label={S.folder.path}
      value={text ?? folder?.path ?? ""}
      onChange={opened.type}
      isInvalid={problem !== ""}
      validationBehavior="aria"
      className="min-w-44 flex-1"
    >
      <Input
        ref={input}
        autoFocus={autoFocus}
        spellCheck={false}
        placeholder={S.folder.placeholder}
        onKeyDown={keys}
        onFocus={(event) => event.currentTarget.select()}
        className="h-7 w-full min-w-0 rounded-md border border-line-strong bg-canvas px-2 font-mono text-xs placeholder:font-sans data-[invalid]:border-bad"
      />
      <FieldError className="mt-1 flex gap-1.5 text-xs text-bad">
        <Icon name="error" size={13} className="mt-[3px]" />
        <span className="min-w-0 break-words">
          <Visible text={problem} />
        </span>
      </FieldError>
      {problem === "" && text !== null && folder?.file && (
        <Text slot="description" className="mt-1 block text-xs text-ink-2">
          {fileHint}
        </Text>
      )}
    </TextField>
  );
}

function problemOf({ error, folder, entries }: ReturnType<typeof useOpenFolder>): string {
  if (error && folder) {
    const known = error instanceof ApiError ? error : null;
    return format.sentences(
      known?.path ? `${error.message}: ${known.path}` : error.message,
      known?.hint,
    );
  }
  if (!folder?.unfound || entries.length > 0) return "";
  return S.folder.unfound(folder.unfound, folder.path);
}
