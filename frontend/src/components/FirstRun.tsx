/** Before there is a library: where it is to live. */
import { useState } from "react";
import { FieldError, Form, Input, Label, TextField } from "react-aria-components";
import { getPlace } from "@/api/firstRun";
import * as format from "@/format";
import { useBeginLibrary, useFirstRun, usePlace } from "@/hooks/useFirstRun";
import { toastError } from "@/hooks/useToasts";
import { S } from "@/strings";
import type { Place, FirstRun as State } from "@/types/shapes";
import { useFolderChoice } from "./FolderDialog";
import { Icon } from "./icons";
import { Toasts } from "./Toasts";
import { Button, Failure, Skeleton } from "./ui";

export function FirstRun() {
  const { data, error, refetch } = useFirstRun();
  return (
    <div className="flex h-full flex-col">
      <main className="min-h-0 flex-1 overflow-auto bg-canvas">
        <div className="mx-auto flex min-h-full max-w-xl flex-col justify-center px-6 py-10">
          <img src="/icon.svg" alt="" className="mb-4 size-12" />
          <h1 className="text-xl font-semibold">{S.firstRun.title}</h1>
          <p className="mt-1 mb-8 text-ink-2">{S.firstRun.intro}</p>
          {error && <Failure error={error} onRetry={refetch} />}
          {!data && !error && <Skeleton className="h-40" />}
          {data && <Choice state={data} onRetry={refetch} />}
        </div>
      </main>
      <Toasts />
    </div>
  );
}

function Choice({ state, onRetry }: { state: State; onRetry: () => void }) {
  const [path, setPath] = useState(state.missing ?? state.proposed.path);
  const { data, refetch, isAwaited } = usePlace(path);
  const isEmpty = path.trim() === "";
  const place = isEmpty ? undefined : data;
  const begin = useBeginLibrary();
  const folder = useFolderChoice((chosen) => {
    getPlace(chosen).then(
      (one) => setPath(one.state === "refused" ? format.inside(chosen, S.app) : chosen),
      toastError,
    );
  });
  const again = () => {
    onRetry();
    refetch();
  };
  const isUsable = !isAwaited && place !== undefined && place.state !== "refused";
  return (
    <>
      {state.missing && <Missing path={state.missing} onRetry={again} />}
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          if (isUsable) begin.mutate(path);
        }}
        className="rounded-xl border border-line bg-raised p-5"
      >
        <h2 className="text-base font-semibold">{S.firstRun.where}</h2>
        <p className="mb-4 text-ink-2">{S.firstRun.whereHint}</p>
        <TextField
          value={path}
          onChange={setPath}
          isInvalid={place?.state === "refused"}
          validationBehavior="aria"
        >
          <Label className="mb-1 block text-xs font-semibold text-ink-2">{S.firstRun.path}</Label>
          <div className="flex gap-2 max-sm:flex-col">
            <Input
              spellCheck={false}
              className="h-8 min-w-0 flex-1 rounded-md border max-sm:flex-none border-line-strong bg-canvas px-2.5 font-mono text-xs data-[invalid]:border-bad"
            />
            <Button icon="folder" className="h-8" onPress={folder.ask}>
              {S.firstRun.choose}
            </Button>
          </div>
          {place?.state === "refused" && (
            <FieldError className="mt-2 flex gap-2 text-bad">
              <Icon name="error" size={14} className="mt-0.5" />
              <span className="min-w-0 break-words">{place.problem}</span>
            </FieldError>
          )}
        </TextField>
        {isEmpty ? (
          <p role="status" className="mt-2 text-ink-2">
            {S.firstRun.empty}
          </p>
        ) : (
          <About place={place} />
        )}
        {begin.error && <Failure error={begin.error} />}
        <div className="mt-5 flex justify-end">
          <Button
            type="submit"
            look="primary"
            className="h-8 px-4"
            isDisabled={!isUsable || begin.isPending}
          >
            {place?.state === "library" ? S.firstRun.open : S.firstRun.begin}
          </Button>
        </div>
      </Form>
      {folder.dialog}
    </>
  );
}

/** What is to be known about the folder before it is chosen. */
function About({ place }: { place: Place | undefined }) {
  if (!place) return <p className="mt-2 text-ink-3">{S.firstRun.checking}</p>;
  if (place.state === "refused") return null;
  return (
    <div role="status" className="mt-2 space-y-1 text-ink-2">
      {place.state === "library" && (
        <p className="flex gap-2">
          <Icon name="check" size={14} className="mt-0.5 text-good" />
          {S.firstRun.isLibrary}
        </p>
      )}
      {place.free !== null && (
        <p className="tabular-nums">
          {S.firstRun.free(format.bytes(place.free), place.filesystem)}
        </p>
      )}
      {place.warning && (
        <p className="flex gap-2 text-warn">
          <Icon name="warning" size={14} className="mt-0.5" />
          {place.warning}
        </p>
      )}
    </div>
  );
}

function Missing({ path, onRetry }: { path: string; onRetry: () => void }) {
  return (
    <div role="alert" className="mb-4 flex gap-3 rounded-lg border border-line bg-warn-soft p-4">
      <Icon name="warning" className="mt-0.5 text-warn" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{S.firstRun.missing}</p>
        <p className="break-words text-ink-2">{S.firstRun.missingHint(path)}</p>
      </div>
      <Button icon="refresh" onPress={onRetry}>
        {S.firstRun.again}
      </Button>
    </div>
  );
}
