/** Why a gated repository gave nothing, and what a person can do about it: three reasons, three ways. */
import { useStatus } from "@/hooks/useLibrary";
import { S } from "@/strings";
import { Icon } from "./icons";

const REASONS = ["token-needed", "token-invalid", "license-not-accepted", "access-denied"] as const;
type Reason = (typeof REASONS)[number];

export function gateReason(code: string | undefined): Reason | null {
  return REASONS.find((reason) => reason === code) ?? null;
}

export function GateHelp({ reason, repo }: { reason: Reason; repo: string }) {
  const endpoint = useStatus().data?.network.endpoint ?? "";
  const [title, steps] = S.gates[reason];
  const page = `${endpoint}/${repo}`;
  return (
    <div className="mt-1.5 rounded-md bg-warn-soft px-3 py-2">
      <p className="flex items-center gap-2 font-medium text-warn">
        <Icon name="lock" size={13} />
        {title}
      </p>
      <p className="mt-0.5 text-xs text-ink-2">{steps}</p>
      <PageLink page={page} />
    </div>
  );
}

/** The page of a repository, only where it is a page of the web. */
export function PageLink({ page }: { page: string }) {
  if (!/^https?:\/\//i.test(page)) return null;
  return (
    <a
      href={page}
      target="_blank"
      rel="noreferrer noopener"
      className="mt-1 inline-flex items-center gap-1 rounded text-xs text-accent-text hover:underline"
    >
      {S.hub.openPage}
      <Icon name="outside" size={12} />
    </a>
  );
}
