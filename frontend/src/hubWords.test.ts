import { describe, expect, it } from "vitest";
import { hubWords } from "./hubWords";

describe("what of a search is asked of the Hub", () => {
  it.each([
    ["dream xl", "dream xl"],
    ["kind:lora dream", "dream"],
    ['dream tag:"oil painting" family:sdxl xl', "dream xl"],
    ['"oil painting" -nsfw -kind:vae', "oil painting"],
    ["size:>4GB", ""],
    ["Qwen2.5-7B-Instruct", "Qwen2.5-7B-Instruct"],
  ])("%s", (text, words) => expect(hubWords(text)).toBe(words));
});
