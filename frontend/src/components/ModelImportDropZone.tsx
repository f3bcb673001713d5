import { useDrop } from "@/hooks/useDrop";
import { openImport } from "@/hooks/useOpenedImport";
import { S } from "@/strings";
import { Icon } from "./icons";

/** Over the whole window while files are dragged: they can be dropped anywhere. */
export function ModelImportDropZone() {
  const isOver = useDrop(openImport);
  if (!isOver) return null;
  return (
    <section
      aria-label={S.import.title}
      className="animate-appear pointer-events-none fixed inset-0 z-50 bg-canvas/85 p-6 backdrop-blur-sm"
    >
      <div className="flex h-full flex-col items-center justify-center gap-3 rounded-2xl border-2 border-dashed border-accent bg-accent-soft/60 text-accent-text">
        <Icon name="import" size={48} />
        <p className="text-xl font-semibold">{S.import.drop}</p>
        <p className="text-ink-2">{S.import.dropHint}</p>
      </div>
    </section>
  );
}
