import { afterEach, describe, expect, it, vi } from "vitest";
import { later, serve } from "@/test/server";
import type { Upload } from "@/types/shapes";
import { chosen, holdsFiles, pathsOfList, sendFile } from "./import";

describe("the list of a file manager", () => {
  it("gives the paths of files, whatever is in their names", () => {
    const list = [
      "# dragged",
      "file:///home/me/my%20models/a%23b.safetensors",
      "file:///home/me/100%25.gguf",
      "file:///home/me/%E6%A8%A1%E5%9E%8B/",
      "file:///C:/models/x.ckpt",
      "https://example.org/model.gguf",
      "",
    ].join("\r\n");
    expect(pathsOfList(list)).toEqual([
      "/home/me/my models/a#b.safetensors",
      "/home/me/100%.gguf",
      "/home/me/模型/",
      "C:/models/x.ckpt",
    ]);
  });

  it("leaves out what cannot be read", () => {
    expect(pathsOfList("file:///a%ZZ\nfile:///b")).toEqual(["/b"]);
  });
});

describe("what is dragged", () => {
  it("is taken when it holds files or their addresses, and no other text", () => {
    const data = (...types: string[]) => ({ types }) as unknown as DataTransfer;
    expect(holdsFiles(data("Files"))).toBe(true);
    expect(holdsFiles(data("text/uri-list"))).toBe(true);
    expect(holdsFiles(data("text/plain"))).toBe(false);
    expect(holdsFiles(null)).toBe(false);
  });

  it("keeps the folders of chosen files", () => {
    const file = new File(["x"], "config.json");
    Object.defineProperty(file, "webkitRelativePath", { value: "model/unet/config.json" });
    expect(chosen([file]).map(({ name }) => name)).toEqual(["model/unet/config.json"]);
  });
});

/** A browser's request, answered by the test: bytes that arrive, or a cut. */
class FakeRequest {
  static answer: (sent: Blob, range: string | null) => Upload | "cut" = () => "cut";
  static ranges: (string | null)[] = [];
  upload: { onprogress?: (event: { loaded: number }) => void } = {};
  onload = () => {};
  onerror = () => {};
  onabort = () => {};
  status = 200;
  response: unknown = null;
  private range: string | null = null;

  open() {}
  abort() {
    this.onabort();
  }
  setRequestHeader(name: string, value: string) {
    if (name === "Content-Range") this.range = value;
  }
  send(body: Blob) {
    FakeRequest.ranges.push(this.range);
    const answer = FakeRequest.answer(body, this.range);
    queueMicrotask(() => {
      this.upload.onprogress?.({ loaded: body.size });
      if (answer === "cut") return this.onerror();
      this.response = answer;
      this.onload();
    });
  }
}

const upload = (received: number, size = 10): Upload => ({
  upload_id: "u",
  batch: "b",
  name: "a",
  size,
  received,
  complete: received === size,
  sha256: null,
  directory: "/files",
});

describe("sending a file", () => {
  afterEach(() => {
    vi.useRealTimers();
    FakeRequest.ranges = [];
  });

  it("goes on after a cut with what the server has", async () => {
    vi.stubGlobal("XMLHttpRequest", FakeRequest);
    vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 500 });
    serve({ "GET /api/v1/uploads/*": () => upload(4) });
    FakeRequest.answer = (_, range) => (range?.startsWith("bytes 0-") ? "cut" : upload(10));
    const arrived: number[] = [];
    const file = new File(["0123456789"], "a");
    const done = await sendFile(
      upload(0),
      file,
      (bytes) => arrived.push(bytes),
      new AbortController().signal,
    );
    expect(done.complete).toBe(true);
    expect(FakeRequest.ranges).toEqual(["bytes 0-9/10", "bytes 4-9/10"]);
    expect(arrived.at(-1)).toBe(10);
  });

  it("sends an empty file without a range, and nothing of what is complete", async () => {
    vi.stubGlobal("XMLHttpRequest", FakeRequest);
    FakeRequest.answer = () => ({ ...upload(0, 0), complete: true });
    const stop = new AbortController().signal;
    await sendFile({ ...upload(0, 0), complete: false }, new File([], "a"), () => {}, stop);
    await sendFile(upload(10), new File(["0123456789"], "a"), () => {}, stop);
    expect(FakeRequest.ranges).toEqual([null]);
  });

  it("stops at once", async () => {
    vi.stubGlobal("XMLHttpRequest", FakeRequest);
    const stop = new AbortController();
    const begun = later<void>();
    FakeRequest.answer = () => {
      begun.give();
      return "cut";
    };
    serve({ "GET /api/v1/uploads/*": () => upload(0) });
    const sending = sendFile(upload(0), new File(["0123456789"], "a"), () => {}, stop.signal);
    await begun.promise;
    stop.abort();
    await expect(sending).rejects.toMatchObject({ name: "AbortError" });
  });
});
