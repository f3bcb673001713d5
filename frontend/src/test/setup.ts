import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// jsdom lays nothing out; a list needs a height to know which of its rows are on the screen.
const SIZE = { clientHeight: 720, clientWidth: 1200, offsetHeight: 720, offsetWidth: 1200 };
for (const [name, pixels] of Object.entries(SIZE)) {
  Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => pixels });
}
Element.prototype.scrollTo = () => {};

globalThis.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
window.matchMedia = (media) =>
  ({ media, matches: false, addEventListener() {}, removeEventListener() {} }) as never;

configure({ asyncUtilTimeout: 15_000 }); // milliseconds: a busy machine is no fault of the pages

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  window.history.replaceState(null, "", "/");
});
