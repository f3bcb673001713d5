"""The operations that say which published model files are, and what its repository has besides; `Library` has
them from here. Nothing of the library is changed by asking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from model_library.api.library_part import LibraryPart
from model_library.api.shapes_hub import MatchedJson, RelatedJson
from model_library.api.shapes_model import HashedFileJson
from model_library.errors import InvalidValueError, MetadataError, OfflineError
from model_library.taxonomy import (
    Container,
    FileRole,
    MatchMethod,
    ModelForm,
    PlacedBy,
    SecurityTier,
)

if TYPE_CHECKING:
    from model_library.metadata import ModelMetadata

_MOST_EMBEDDED: Final = 300
"""Characters of a value inside a file that can name where it is from."""


class MatchingOperations(LibraryPart):
    """What `Library` inherits."""

    def match_files(
        self,
        files: Sequence[HashedFileJson],
        *,
        name: str,
        form: ModelForm = ModelForm.SINGLE_FILE,
        missing_files: Sequence[str] = (),
        embedded: Mapping[str, str] | None = None,
    ) -> MatchedJson:
        """Which published model these files are, before they are imported: what a dry run of an import says
        of them is enough, and nothing is read or written here. While the network is switched off only what is
        remembered of the provider can be found; that nothing is there says nothing.

        Raises NetworkError, ProviderError, InvalidValueError.
        """
        from model_library.api.hub_documents import matched_json

        described = _described(files, name, form, missing_files, embedded or {})
        found = self._hub().look_up(described)
        if found.remote is None and self._network_settings().offline:
            raise OfflineError("The network is switched off, and nobody was asked")
        return matched_json(described, found)

    def related_files(self, model_id: str) -> RelatedJson:
        """What the repository of a model has besides what is held: configuration, tokenizer, companions, and
        the shards that it lacks.

        Raises ModelNotFoundError, NetworkError, ProviderError.
        """
        from model_library.api.hub_documents import related_json

        hub = self._hub()
        metadata = self._catalog.record(self._catalog.resolve(model_id)).metadata
        if metadata.match.method in (MatchMethod.NONE, MatchMethod.FILENAME_FUZZY):
            return related_json(
                None, None
            )  # a repository of another model has nothing for this one
        of_hub = [one for one in metadata.sources if one.provider == hub.name and one.repo]
        if not of_hub:
            return related_json(None, None)
        source = of_hub[-1]
        answer = hub.details(source.repo or "", source.revision)
        return related_json(answer, hub.compare(metadata, answer.value))


def _described(
    files: Sequence[HashedFileJson],
    name: str,
    form: ModelForm,
    missing_files: Sequence[str],
    embedded: Mapping[str, str],
) -> ModelMetadata:
    """As much of a description as a lookup compares. Raises InvalidValueError."""
    from model_library.metadata import now, parse_fields

    if not files:
        raise InvalidValueError("Without a file there is nothing to look for")
    today = now().isoformat()
    fields: dict[str, Any] = {
        "model_id": f"model-{files[0]['sha256'][:8]}",
        "official_name": name,
        "slug": "model",
        "form": form,
        "container": Container.OTHER,
        "files": [
            {
                "path": file["name"],
                "original_name": file["name"],
                "size": file["size"],
                "sha256": file["sha256"],
                "role": FileRole.WEIGHT,
            }
            for file in files
        ],
        "missing_files": list(missing_files),
        "content_digest": files[0]["sha256"],
        "size": sum(file["size"] for file in files),
        "embedded": {key: text for key, text in embedded.items() if len(text) <= _MOST_EMBEDDED},
        "security": {"tier": SecurityTier.UNREADABLE, "scanner": "", "date": today},
        "added": today,
        "updated": today,
        "placement": PlacedBy.COPY,
    }
    try:
        return parse_fields(fields, Path(files[0]["name"]))
    except MetadataError as error:
        raise InvalidValueError(f"These files cannot be looked for: {error.message}") from error
