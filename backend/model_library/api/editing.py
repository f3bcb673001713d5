"""The operations that say what models are, by hand; `Library` has them from here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from model_library.api.library_part import LibraryPart
from model_library.api.relinking import relinked
from model_library.api.shapes import EditedJson, ModelJson, NotEditedJson, UndoJson

if TYPE_CHECKING:
    from model_library.editor import Edited


class EditOperations(LibraryPart):
    """What `Library` inherits."""

    def edit(
        self,
        model_id: str,
        assignments: Sequence[str] = (),
        *,
        unset: Sequence[str] = (),
        add_tags: Sequence[str] = (),
        remove_tags: Sequence[str] = (),
    ) -> ModelJson:
        """Set fields by `field=value`; of the fields in `unset` what was found automatically counts again.
        `add_tags` and `remove_tags` leave the other tags as they are.

        Raises InvalidValueError, ModelNotFoundError, RootOfflineError, ModelTwiceError.
        """
        from model_library.editor import Change, edit

        self._catalog.require_writable()
        change = Change.parsed(assignments, unset, add_tags, remove_tags)
        with relinked(self._catalog, self._listener) as changed:
            record = self._indexed(lambda: edit(self._catalog, model_id, change))
            changed.append(record.metadata.model_id)
        return self._model(record.metadata.model_id)

    def edit_models(
        self,
        model_ids: Sequence[str],
        assignments: Sequence[str] = (),
        *,
        unset: Sequence[str] = (),
        add_tags: Sequence[str] = (),
        remove_tags: Sequence[str] = (),
        as_left: Sequence[str] = (),
    ) -> EditedJson:
        """The same words for many models. One that fails stops no other; fields in `unset` that were not set by
        hand are left alone, and so are tags that are there, or not there, already. `as_left`: `field=value`; a model
        of which that is not, or no longer, so is left alone and counts as failed.

        Raises InvalidValueError; then nothing was changed.
        """
        from model_library.api.documents import error_json
        from model_library.editor import Change, edit_each

        self._catalog.require_writable()
        change = Change.parsed(assignments, unset, add_tags, remove_tags)
        with relinked(self._catalog, self._listener) as changed:
            done, failed = self._indexed(
                lambda: edit_each(self._catalog, model_ids, change, as_left)
            )
            changed.extend(one.model_id for one in done)
        return EditedJson(
            edited=[self._model(one.model_id) for one in done],
            failed=[
                NotEditedJson(model_id=one.model_id, error=error_json(one.error)) for one in failed
            ],
            undo=_undo(done),
        )


def _undo(done: Sequence[Edited]) -> list[UndoJson]:
    """Models that need the same words are named together."""
    found: dict[tuple[tuple[str, ...], ...], UndoJson] = {}
    for one in done:
        if one.undo is None:
            continue
        assignments, unset = one.undo.words()
        empty = UndoJson(model_ids=[], assignments=assignments, unset=unset, as_left=list(one.left))
        group = found.setdefault((tuple(assignments), tuple(unset), one.left), empty)
        group["model_ids"].append(one.model_id)
    return [*found.values()]
