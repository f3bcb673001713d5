import { describe, expect, it } from "vitest";
import { model } from "@/test/server";
import { NOTHING_SAID, now, setByHand, tagsOf, wordsOf } from "./batchEdit";

describe("what is said of many models", () => {
  it("is nothing as long as nothing was filled in", () => {
    expect(wordsOf({ ...NOTHING_SAID, addTags: " , ", license: " ", family: " " })).toBeNull();
  });

  it("is sent as the words of the server, families as they are stored", () => {
    const removeTags = new Set(["old"]);
    const said = { addTags: "anime, line art,", removeTags, kind: "lora", family: "sd 1.X" };
    expect(wordsOf({ ...NOTHING_SAID, ...said, license: "mit" })).toEqual({
      assignments: ["kind=lora", "family=sd1", "license=mit"],
      add_tags: ["anime", "line art"],
      remove_tags: ["old"],
    });
    expect(wordsOf({ ...NOTHING_SAID, family: "qwen3" })).toEqual({
      assignments: ["family=qwen3"],
    });
  });

  it("is not sent of fields that are taken back", () => {
    const unset = new Set(["family", "tags"]);
    expect(wordsOf({ ...NOTHING_SAID, family: "sd1", addTags: "a", unset })).toEqual({
      unset: ["family", "tags"],
    });
  });
});

describe("what many models have", () => {
  const models = [
    model("a", { tags: ["x", "y"], family: "sdxl", license: "mit", user_set: ["family"] }),
    model("b", { tags: ["y"], family: "sd1", license: "mit" }),
  ];

  it("is each tag with how many have it, the most frequent first", () => {
    expect(tagsOf(models)).toEqual([
      ["y", 2],
      ["x", 1],
    ]);
  });

  it("is the value that all have, or how many different ones", () => {
    expect(now(models, "family")).toBe("2 different");
    expect(now(models, "license")).toBe("mit");
    expect(now(models, "kind")).toBe("Checkpoint");
    expect(now([model("c")], "license")).toBe("None");
    expect(setByHand(models, "family")).toBe(1);
  });
});
