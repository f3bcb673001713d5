/** What a person sets: roots and drives, how imports place files, the network, the token. */
import type { Drive, Placement, Root, Settings } from "@/types/shapes";
import { client, document } from "./client";

export const settingsKeys = { all: ["settings"] as const };

export function getSettings(signal?: AbortSignal): Promise<Settings> {
  return document(client.GET("/api/v1/settings", { signal }));
}

export function setSettings(body: { place?: Placement; offline?: boolean }): Promise<Settings> {
  return document(client.PATCH("/api/v1/settings", { body }));
}

export function setToken(token: string): Promise<Settings> {
  return document(client.PUT("/api/v1/settings/token", { body: { token } }));
}

export function forgetToken(): Promise<Settings> {
  return document(client.DELETE("/api/v1/settings/token"));
}

export function addRoot(body: {
  path: string;
  mode: "managed" | "referenced";
  marker: boolean;
}): Promise<Root> {
  return document(client.POST("/api/v1/roots", { body }));
}

export function removeRoot(root_id: string): Promise<Root> {
  return document(client.DELETE("/api/v1/roots/{root_id}", { params: { path: { root_id } } }));
}

export function relocateRoot(body: { old: string; new: string }) {
  return document(client.POST("/api/v1/roots/relocate", { body }));
}

export function setDriveLimit(body: { key: string; at_once: number }): Promise<Drive[]> {
  return document(client.PUT("/api/v1/drives", { body }));
}
