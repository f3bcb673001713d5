import { expect, it } from "vitest";
import { wholeSize } from "./axes";

it("says of how many files a size is, where they are several", () => {
  expect(wholeSize(50_300, 1)).toBe("50.3 KB");
  expect(wholeSize(50_300, 2)).toBe("50.3 KB in 2 files");
  expect(wholeSize(5e12, 1200)).toBe("5.00 TB in 1,200 files");
});
