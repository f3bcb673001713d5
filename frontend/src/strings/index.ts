/** Every English text of the pages, a file for each page. Nothing else in `src/` holds words that a person reads. */
import { advice } from "./advice";
import { apps } from "./apps";
import { common } from "./common";
import { conflicts } from "./conflicts";
import { files, models } from "./counts";
import { firstRun } from "./firstRun";
import { health } from "./health";
import { hub } from "./hub";
import { importing } from "./importing";
import { jobs } from "./jobs";
import { library } from "./library";
import { profile } from "./profile";
import { settings } from "./settings";
import { storage } from "./storage";
import { trash } from "./trash";
import { words } from "./words";

export { familyLabel } from "./families";

export const S = {
  models,
  inFiles: (size: string, count: number) => `${size} in ${files(count)}`,
  ...common,
  ...advice,
  ...library,
  ...words,
  ...importing,
  ...hub,
  ...apps,
  ...conflicts,
  ...profile,
  ...health,
  ...firstRun,
  ...settings,
  ...storage,
  ...trash,
  ...jobs,
} as const;

export function kindLabel(kind: string, adapterType?: string | null): string {
  return S.kinds[adapterType ?? kind] ?? S.kinds[kind] ?? kind;
}
