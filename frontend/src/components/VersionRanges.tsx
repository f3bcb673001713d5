/** The versions of applications that a model may be linked into. */
import { ApiError } from "@/api/client";
import { useProfiles } from "@/hooks/useApps";
import { useSetVersions, useVersions } from "@/hooks/useProfile";
import { S } from "@/strings";
import { EditableText } from "./Editable";
import { Icon } from "./icons";
import { Section } from "./ui";

export function VersionRanges({ id }: { id: string }) {
  const { data: found, error } = useVersions(id);
  const save = useSetVersions(id);
  const profiles = useProfiles().data ?? [];
  const nameOf = (kind: string) =>
    profiles.find((one) => one.app === kind && !one.variant && !one.version)?.display ?? kind;
  if (error || !found) return null;
  const kinds = [...new Set([...found.apps.map((one) => one.kind), ...Object.keys(found.ranges)])];
  return (
    <Section title={S.profile.versions}>
      {kinds.length === 0 && <p className="text-ink-2">{S.profile.noApps}</p>}
      {found.error && (
        <div className="mb-2 rounded-md bg-warn-soft px-3 py-2 text-warn">
          <p>{S.profile.brokenRanges}</p>
          <p className="text-xs break-words">{found.error.message}</p>
        </div>
      )}
      <dl className="grid grid-cols-[88px_1fr] gap-x-3 gap-y-1">
        {kinds.map((kind) => {
          const range = Object.entries(found.ranges).find(([name]) => name.toLowerCase() === kind);
          const refused = found.apps.filter((one) => one.kind === kind && !one.allowed);
          return (
            <div key={kind} className="contents">
              <dt className="truncate text-ink-3" title={nameOf(kind)}>
                {nameOf(kind)}
              </dt>
              <dd className="min-w-0">
                <EditableText
                  label={S.profile.range(nameOf(kind))}
                  value={range?.[1] ?? ""}
                  placeholder={S.profile.anyVersion}
                  onSave={(text) => save.mutate({ [kind]: text })}
                />
                {save.error && save.variables?.[kind] !== undefined && (
                  <p role="alert" className="mt-1 text-xs break-words text-bad">
                    {rangeProblem(save.error)}
                  </p>
                )}
                {!found.error &&
                  refused.map((one) => (
                    <p key={one.app_id} className="flex gap-1.5 text-xs text-warn">
                      <Icon name="warning" size={12} className="mt-1" />
                      <span className="min-w-0 break-words">
                        {nameOf(kind)} {one.version}: {one.reason}
                      </span>
                    </p>
                  ))}
              </dd>
            </div>
          );
        })}
      </dl>
      {kinds.length > 0 && <p className="mt-1 text-2xs text-ink-3">{S.profile.versionsHint}</p>}
    </Section>
  );
}

function rangeProblem(error: Error): string {
  const isWrong = error instanceof ApiError && error.code === "invalid-value";
  return isWrong ? S.profile.wrong.range : error.message;
}
