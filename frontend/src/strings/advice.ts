/** What to do about an error or a warning with the pages, by its code; the server's hint names a command for it. */
export const advice = {
  advice: {
    "model-not-found": "It may have been deleted: Library and Trash show what there is.",
    "model-twice":
      "One of the two is a copy made by hand: move it out of the library, begin “Look for changes” on the page Health, then try again.",
    "index-damaged":
      "“Rebuild the index” on the page Health makes it anew; no model file is involved.",
    "metadata-invalid":
      "Correct the file by hand or move it away, then begin “Look for changes” on the page Health.",
    "root-not-found": "Settings shows the folders of the library.",
    "root-offline":
      "Connect its drive. If it is at another place now, say where on the page Health.",
    "app-not-found": "The page Apps shows those that were added.",
    "app-offline":
      "Connect its drive. If it is at another place now, say where on the page Health; if it was deleted, remove it on the page Apps.",
    "link-conflict": "The page of the app shows both files and lets you decide.",
    "pickle-not-accepted":
      "Prefer a safetensors version. If you trust its author, do it again and say so there.",
    "pickle-unknown":
      "The details of a model list what was found; prefer a safetensors version of it.",
    "unwanted-links":
      "Tick “Also take away links that no rule wants any more”, then sync, to be rid of them.",
    "job-not-found": "The list of jobs shows those that there are.",
    "jobs-interrupted": "The list of jobs lets them go on or gives them up.",
    "downloads-kept": "The list of jobs lets them go on or cancels them.",
    "drive-full": "Free some space: empty the trash, or delete other files.",
    "links-followed": "The page Health says more.",
    "links-not-followed": "The pages of the apps say more.",
    finished: "It can be restored on the page Trash.",
  } as Record<string, string>,
} as const;
