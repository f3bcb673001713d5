import { expect, test } from "vitest";
import { familyLabel, familyNamed } from "./families";

test("a family is shown by the name that people know it by", () => {
  expect(familyLabel("flux1")).toBe("FLUX.1");
  expect(familyLabel("sd1")).toBe("SD 1.x");
});

test("a family may be typed by its name or as it is stored", () => {
  expect(familyNamed(" sd 1.x ")).toBe("sd1");
  expect(familyNamed("sd1")).toBe("sd1");
  expect(familyNamed("Qwen2MoE")).toBe("qwen2moe");
  expect(familyNamed("Zephyr-Gigantica")).toBe("zephyr-gigantica");
});

test("a family that has no other name is shown as it is stored", () => {
  expect(familyLabel("a-new-one")).toBe("a-new-one");
  expect(familyLabel("constructor")).toBe("constructor");
});
