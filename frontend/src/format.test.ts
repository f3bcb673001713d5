import { describe, expect, it, vi } from "vitest";
import * as format from "./format";

it("says how long ago something was in one unit", () => {
  expect([59, 61, 3599, 7300].map(format.roughDuration)).toEqual([
    "59 s",
    "1 min",
    "59 min",
    "2 h",
  ]);
});

describe("format", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 KB"],
    [6_938_040_682, "6.94 GB"],
    [999_600, "1.00 MB"],
    [42_100_000_000, "42.1 GB"],
  ])("%i bytes are %s", (count, text) => expect(format.bytes(count)).toBe(text));

  it.each([
    [5, "5 s"],
    [65, "1 min 5 s"],
    [120, "2 min"],
    [7500, "2 h 5 min"],
  ])("%i seconds are %s", (seconds, text) => expect(format.duration(seconds)).toBe(text));

  it.each([
    [0, "0%"],
    [0.000_01, "<1%"],
    [0.76, "76%"],
    [1, "100%"],
  ])("a share of %f is %s", (share, text) => expect(format.percent(share)).toBe(text));

  it.each([
    ["No token is set", "Accept it first.", "No token is set. Accept it first."],
    ["Is it there?", "Look.", "Is it there? Look."],
    ["Only this", "", "Only this"],
  ])("%s and a hint are whole sentences", (message, hint, text) =>
    expect(format.sentences(message, hint)).toBe(text),
  );

  it("counts parameters in the letters of the field", () => {
    expect(format.parameters(83_653_863)).toBe("83.7M");
    expect(format.parameters(7_240_000_000)).toBe("7.24B");
  });

  it("takes the last part of paths of both kinds", () => {
    expect(format.baseName("/a/b c.gguf")).toBe("b c.gguf");
    expect(format.baseName("C:\\models\\x.ckpt")).toBe("x.ckpt");
  });

  it("shows a date that is none as it is", () => {
    expect(format.day("soon")).toBe("soon");
  });

  it("shows a date without a time as that day, wherever the browser is", async () => {
    vi.stubEnv("TZ", "America/New_York");
    vi.resetModules();
    const there = await import("./format");
    expect(there.day("2026-01-31")).toBe("Jan 31, 2026");
    expect(there.day("2026-01-31T02:00:00Z")).toBe("Jan 30, 2026");
    vi.unstubAllEnvs();
  });

  it("shows a symbol for what nobody would see, and says what it stands for", () => {
    expect(format.pieces("safe\u202egnp.exe\u2066")).toEqual([
      { text: "safe", unseen: null },
      { text: "\ufffd", unseen: "U+202E right-to-left override" },
      { text: "gnp.exe", unseen: null },
      { text: "\ufffd", unseen: "U+2066 left-to-right isolate" },
    ]);
    expect(format.visible("a\u0007b\u{e0041}\ufeffc")).toBe("a\ufffdb\ufffd\ufffdc");
    expect(format.pieces("\u0007")[0]?.unseen).toBe("U+0007 control character");
  });

  it.each([
    "plain",
    "two\nlines\tand a tab",
    "\u0646\u0627\u0645\u200c\u0647\u0627",
    "👩‍🎨 日本語",
  ])("leaves %j as it is", (text) => expect(format.pieces(text)).toEqual([{ text, unseen: null }]));
});
