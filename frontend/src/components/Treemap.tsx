/** Shares as areas. Each is a button; the table beside it says the same in words. */
import { Button as AriaButton } from "react-aria-components";
import * as format from "@/format";
import { useWidth } from "@/hooks/useStorage";
import { type Share, tilesOf } from "@/storage";
import { S } from "@/strings";

const HEIGHT = 260; // pixels
const NAMED = { width: 64, height: 36 };
/** From the largest on: one hue, so that text stays readable on each in both themes. */
const STRENGTHS = [
  "bg-accent/55",
  "bg-accent/45",
  "bg-accent/35",
  "bg-accent/28",
  "bg-accent/22",
  "bg-accent/16",
] as const;

interface Props {
  shares: readonly Share[];
  nameOf: (share: Share) => string;
  sizeOf: (share: Share) => string;
  onOpen: (share: Share) => void;
}

export function Treemap({ shares, nameOf, sizeOf, onOpen }: Props) {
  const { box, width } = useWidth<HTMLDivElement>();
  return (
    // biome-ignore lint/a11y/useSemanticElements: it is no set of fields
    <div
      ref={box}
      role="group"
      aria-label={S.storage.treemap}
      className="relative overflow-hidden rounded-lg"
      style={{ height: HEIGHT }}
    >
      {tilesOf(shares, width, HEIGHT).map((tile, index) => {
        const isNamed = tile.width >= NAMED.width && tile.height >= NAMED.height;
        const name = format.visible(nameOf(tile));
        return (
          <AriaButton
            key={tile.key}
            aria-label={S.storage.show(name, sizeOf(tile))}
            onPress={() => onOpen(tile)}
            style={{ left: tile.left, top: tile.top, width: tile.width, height: tile.height }}
            className={`absolute flex cursor-default flex-col overflow-hidden rounded-sm p-2 text-left text-ink hover:outline-2 hover:-outline-offset-2 hover:outline-accent ${STRENGTHS[Math.min(index, STRENGTHS.length - 1)]}`}
          >
            {isNamed && (
              <>
                <bdi className="block w-full truncate text-xs font-semibold">{name}</bdi>{" "}
                <span className="block w-full truncate text-xs tabular-nums">{sizeOf(tile)}</span>
              </>
            )}
          </AriaButton>
        );
      })}
    </div>
  );
}
