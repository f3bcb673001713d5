import { act, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { describe, expect, it } from "vitest";
import { later, model, page, serve, show } from "@/test/server";
import type { ModelList } from "@/types/shapes";
import { PAGE_ROWS, useModels } from "./useModels";

let type: (text: string) => void = () => {};
let models: ReturnType<typeof useModels>;

function Probe() {
  const [text, setText] = useState("");
  type = setText;
  models = useModels({ text, filters: {}, sort: "name" });
  return <p>{models.row(0)?.official_name ?? "nothing"}</p>;
}

const found = (name: string): ModelList => ({
  total: 1,
  total_is_exact: true,
  warnings: [],
  took_ms: 1,
  models: [model(name)],
  facets: {},
});

describe("useModels", () => {
  it("asks once for a burst of keys, and then for the last", async () => {
    const first = later<ModelList>();
    const log = serve({
      "GET /api/v1/search": ({ query }) =>
        query.get("query") === "d" ? first.promise : found(query.get("query") || "all"),
    });
    show(<Probe />);
    await screen.findByText("all");
    for (const text of ["d", "dr", "dre", "dream"]) act(() => type(text));
    await waitFor(() => expect(log).toHaveLength(2));
    first.give(found("d"));
    expect(await screen.findByText("dream")).toBeInTheDocument();
    expect(log.map(({ query }) => query.get("query"))).toEqual(["", "d", "dream"]);
  });

  it("keeps what is shown until the next answer is there", async () => {
    const slow = later<ModelList>();
    serve({
      "GET /api/v1/search": ({ query }) => (query.get("query") ? slow.promise : found("all")),
    });
    show(<Probe />);
    await screen.findByText("all");
    act(() => type("x"));
    await waitFor(() => expect(models.isRefreshing).toBe(true));
    expect(screen.getByText("all")).toBeInTheDocument();
    slow.give(found("x"));
    expect(await screen.findByText("x")).toBeInTheDocument();
  });

  it("loads the page of the rows on the screen, and only that", async () => {
    const many = Array.from({ length: 5 * PAGE_ROWS }, (_, index) => model(`m${index}`));
    const log = serve({ "GET /api/v1/search": (asked) => page(many, asked) });
    show(<Probe />);
    await screen.findByText("m0");
    expect(models.row(310)).toBeUndefined();
    act(() => models.show(305, 330));
    await waitFor(() => expect(models.row(310)?.official_name).toBe("m310"));
    expect(log.map(({ query }) => query.get("offset"))).toEqual(["0", "300"]);
  });

  it("loads the rows of a range that nobody has seen", async () => {
    const many = Array.from({ length: 5 * PAGE_ROWS }, (_, index) => model(`m${index}`));
    serve({ "GET /api/v1/search": (asked) => page(many, asked) });
    show(<Probe />);
    await screen.findByText("m0");
    const range = await models.between(90, 220);
    expect(range.map((one) => one.official_name)).toEqual(
      many.slice(90, 221).map((one) => one.official_name),
    );
  });
});
