/** What goes where: profiles of applications, and the versions that a model is for. */
import type {
  App,
  ProfileChange,
  ProfileDetail,
  ProfileEdited,
  VersionRanges,
} from "@/types/shapes";
import { client, document } from "./client";

/** Below "apps" is what changes with the applications. */
export const profileKeys = {
  one: (name: string) => ["apps", "profile", name] as const,
  trial: (name: string, change: ProfileChange) => ["apps", "profile trial", name, change] as const,
  versions: (model: string) => ["links", "versions", model] as const,
};

export function showProfile(name: string, signal?: AbortSignal): Promise<ProfileDetail> {
  return document(client.GET("/api/v1/profiles/{name}", { params: { path: { name } }, signal }));
}

/** What a change would mean; nothing is written. */
export function tryProfile(
  name: string,
  change: ProfileChange,
  signal?: AbortSignal,
): Promise<ProfileEdited> {
  return document(
    client.POST("/api/v1/profiles/{name}/preview", {
      params: { path: { name } },
      body: change,
      signal,
    }),
  );
}

export function saveProfile(name: string, change: ProfileChange): Promise<ProfileEdited> {
  return document(
    client.PATCH("/api/v1/profiles/{name}", { params: { path: { name } }, body: change }),
  );
}

export function removeProfile(name: string) {
  return document(client.DELETE("/api/v1/profiles/{name}", { params: { path: { name } } }));
}

export function setVariant(app: string, variant: string): Promise<App> {
  return document(
    client.PATCH("/api/v1/apps/{app}", { params: { path: { app } }, body: { variant } }),
  );
}

export function getVersions(model: string, signal?: AbortSignal): Promise<VersionRanges> {
  return document(
    client.GET("/api/v1/models/{model_id}/versions", {
      params: { path: { model_id: model } },
      signal,
    }),
  );
}

export function setVersions(model: string, ranges: Record<string, string>): Promise<VersionRanges> {
  return document(
    client.PUT("/api/v1/models/{model_id}/versions", {
      params: { path: { model_id: model } },
      body: { ranges },
    }),
  );
}
