/** What is known of a model, each as one small mark. */
import { kindLabel, S } from "@/strings";
import { type Trust, trustOf } from "@/trust";
import type { Match, Model, ModelState, SecurityTier } from "@/types/shapes";
import type { IconName } from "./icons";
import { Badge, type Tone } from "./ui";

const TRUST_TONES: Record<Trust, Tone> = {
  verified: "good",
  high: "accent",
  low: "warn",
  modified: "warn",
  none: "neutral",
  pending: "neutral",
  manual: "accent",
};

export function TrustBadge({ match }: { match: Match }) {
  const trust = trustOf(match);
  const icon: IconName | undefined = trust === "verified" ? "check" : undefined;
  return (
    <Badge tone={TRUST_TONES[trust]} icon={icon} title={`${S.trust[trust]}: ${S.trust.why[trust]}`}>
      {S.trust[trust]}
    </Badge>
  );
}

const TIER_TONES: Record<SecurityTier, Tone> = {
  "safe-format": "good",
  "pickle-allowlisted": "neutral",
  "pickle-unknown": "warn",
  "pickle-dangerous": "bad",
  executable: "bad",
  unreadable: "warn",
};

export const isRisky = (tier: SecurityTier) =>
  TIER_TONES[tier] === "warn" || TIER_TONES[tier] === "bad";

export function TierBadge({ tier }: { tier: SecurityTier }) {
  const [label, why] = S.tiers[tier];
  const icon = tier === "safe-format" ? "shieldCheck" : isRisky(tier) ? "warning" : "shield";
  return (
    <Badge tone={TIER_TONES[tier]} icon={icon} title={`${label}: ${why}`}>
      {label}
    </Badge>
  );
}

const STATE_TONES: Record<ModelState, Tone> = {
  online: "good",
  offline: "neutral",
  missing: "bad",
  modified: "warn",
  invalid: "bad",
};

/** Says nothing about a model that is simply there. */
export function StateBadge({ state }: { state: ModelState }) {
  if (state === "online") return null;
  const [label, why] = S.states[state];
  return (
    <Badge tone={STATE_TONES[state]} title={`${label}: ${why}`}>
      {label}
    </Badge>
  );
}

export function KindBadge({ model }: { model: Pick<Model, "kind" | "adapter_type"> }) {
  return <Badge>{kindLabel(model.kind, model.adapter_type)}</Badge>;
}
