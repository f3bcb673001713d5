/** Short names for the shapes of the server's schema. Every one is generated; none is typed here. */
import type { components, operations } from "./api";

type Schemas = components["schemas"];

export type Model = Schemas["ModelJson"];
export type ModelFile = Schemas["ModelFileJson"];
export type ModelList = Schemas["ListJson"];
export type EditModelsArguments = Schemas["EditModelsArguments"];
export type EditedModels = Schemas["EditedJson"];
export type Evidence = Schemas["EvidenceJson"];
export type SecurityTier = Schemas["SecurityTier"];
export type ModelState = Schemas["ModelState"];
export type Sort = Schemas["Sort"];
export type Match = Schemas["MatchJson"];
export type Status = Schemas["StatusJson"];
export type Health = Schemas["HealthJson"];
export type Finding = Schemas["FindingJson"];
export type Root = Schemas["RootJson"];
export type Link = Schemas["LinkJson"];
export type Network = Schemas["NetworkJson"];
export type Job = Schemas["JobJson"];
export type JobProgress = Schemas["JobProgressJson"];
export type Jobs = Schemas["JobsJson"];
export type Problem = Schemas["ProblemJson"];
export type Inspected = Schemas["InspectedJson"];
export type Inspection = Schemas["InspectJson"];
export type Matched = Schemas["MatchedJson"];
export type Related = Schemas["RelatedJson"];
export type Relocation = Schemas["RelocationJson"];
export type ImportArguments = Schemas["ImportModelsArguments"];
export type JobResult = operations["job_result"]["responses"][200]["content"]["application/json"];
export type Loss = Schemas["LossJson"];
export type ImportDone = Schemas["ImportJson"];
export type Placement = Schemas["Placement"];
export type Upload = Schemas["UploadJson"];
export type Folder = Schemas["FolderJson"];
export type FolderEntry = Schemas["EntryJson"];
export type DownloadArguments = Schemas["DownloadArguments"];
export type Choice = Schemas["ChoiceJson"];
export type RemoteModel = Schemas["RemoteModelJson"];
export type RemoteFile = Schemas["RemoteFileJson"];
export type Repository = Schemas["RepositoryJson"];
export type Found = Schemas["FindJson"];
export type App = Schemas["AppJson"];
export type AppPreview = Schemas["PreviewJson"];
export type FoundApp = Schemas["FoundAppJson"];
export type AppAdded = Schemas["AppAddedJson"];
export type AppRemoved = Schemas["AppRemovedJson"];
export type Conflict = Schemas["ConflictJson"];
export type ProfileDetail = Schemas["ProfileDetailJson"];
export type ProfileEdited = Schemas["ProfileEditJson"];
export type ProfileChange = Schemas["ProfilePreviewArguments"];
export type Rule = Schemas["RuleJson"];
export type VersionRanges = Schemas["VersionRangesJson"];
export type Replaced = Schemas["ReplacedJson"];
export type PutBack = Schemas["PutBackJson"];
export type SyncDone = Schemas["SyncJson"];
export type Caution = Schemas["CautionJson"];
export type Excluded = Schemas["ExcludedJson"];
export type Profile = Schemas["ProfileJson"];
export type Repaired = Schemas["RepairJson"];
export type Trashed = Schemas["TrashedJson"];
export type TrashedApp = Schemas["TrashedAppJson"];
export type Drive = Schemas["DriveJson"];
export type Limits = Schemas["LimitsJson"];
export type Settings = Schemas["SettingsJson"];
export type Storage = Schemas["StorageJson"];
export type Usage = Schemas["UsageJson"];
export type Volume = Schemas["VolumeJson"];
export type Copies = Schemas["CopiesJson"];
export type Copy = Schemas["CopyJson"];
export type FirstRun = Schemas["FirstRunJson"];
export type Place = Schemas["PlaceJson"];
export type FoundFolder = Schemas["FoundFolderJson"];

/** The fields that a search can be narrowed by, as parameters of the operation. */
export type Filters = Omit<
  NonNullable<operations["search"]["parameters"]["query"]>,
  "query" | "sort" | "limit" | "offset" | "facets"
>;
export type FilterName = keyof Filters;
