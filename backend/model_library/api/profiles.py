"""The operations on profiles and version ranges, which say what goes where; `Library` has them from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from model_library.api.library_part import LibraryPart
from model_library.api.relinking import relinked
from model_library.api.shapes_profiles import (
    ProfileDetailJson,
    ProfileEditJson,
    VersionRangesJson,
)
from model_library.errors import ProfileChangedError, ProfileError

if TYPE_CHECKING:
    from model_library.mapping import Plan
    from model_library.profiles.editing import Draft
    from model_library.profiles.profile import ProfileName

_NOTHING: Mapping[str, str] = MappingProxyType({})


class ProfileOperations(LibraryPart):
    """What `Library` inherits."""

    def profile_show(self, name: str) -> ProfileDetailJson:
        """A profile with its rules, and the text of the user's own file of that name.

        Raises ProfileError where there is no such profile, FileError.
        """
        from model_library.api.profile_documents import profile_detail
        from model_library.profiles.reading import parse_name
        from model_library.surveying import user_profiles

        return profile_detail(parse_name(name), user_profiles(self._catalog))

    def profile_edit(
        self,
        name: str,
        *,
        text: str | None = None,
        off: Sequence[str] = (),
        on: Sequence[str] = (),
        conditions: Mapping[str, str] = _NOTHING,
        rules: Sequence[str] = (),
        drop: Sequence[str] = (),
        revision: str | None = None,
        app: str | None = None,
        dry_run: bool = False,
    ) -> ProfileEditJson:
        """Change the user's profile of a name, which is made when there is none and then adds to the built-in
        one, or for a new variant to the usual one of the application.

        `text` is the whole file; the others change it and leave the rest of it as it is: `off` and `on` are
        directories whose rules are switched, `conditions` keys of `[filter]` ("" takes one away), `rules`
        new ones as DIRECTORY=KIND[,KIND...], `drop` directories whose own rules go. `revision`: what
        `profile_show` said; when the file is another one now nothing is written. `app`: the preview is of
        it. With `dry_run` nothing is written. What the file said before is kept in `profiles/.history`.

        Raises InvalidValueError, ProfileError for what would be no valid profile, ProfileChangedError,
        AppNotFoundError, AppOfflineError, FileError, LibraryBusyError.
        """
        from model_library.profiles.editing import Edits, drafted
        from model_library.profiles.reading import parse_name
        from model_library.profiles.writing import keep_version, revision_of, write_profile
        from model_library.surveying import user_profiles

        catalog = self._catalog
        parsed, directory = parse_name(name), user_profiles(catalog)
        edits = Edits(off, on, conditions, rules, drop)
        if dry_run:
            draft = drafted(parsed, directory, edits, text)
        else:
            catalog.require_writable()
            with catalog.exclusive():
                draft = drafted(parsed, directory, edits, text)
                if revision is not None and revision != revision_of(draft.held):
                    raise ProfileChangedError("The profile was changed meanwhile", path=draft.path)
                if draft.data != draft.held:
                    if draft.held is not None:
                        keep_version(draft.path, draft.held)
                    write_profile(draft.path, draft.data)
        return self._edited(draft, app, saved=not dry_run)

    def profile_remove(self, name: str) -> ProfileDetailJson | None:
        """Take the user's profile of a name away, so that the built-in one counts again. Its text is kept in
        `profiles/.history`. Gives the profile that has the name then, None where there is none.

        Raises ProfileError where the user has none of that name, FileError, LibraryBusyError.
        """
        from model_library.profiles.choosing import BUILT_IN
        from model_library.profiles.reading import parse_name
        from model_library.profiles.writing import held_in, path_of, remove_profile
        from model_library.surveying import user_profiles

        catalog = self._catalog
        catalog.require_writable()
        parsed = parse_name(name)
        path = path_of(parsed, user_profiles(catalog))
        with catalog.exclusive():
            if held_in(path) is None:
                raise ProfileError(f"There is no profile {name!r} of yours", hint="")
            if parsed.variant and not path_of(parsed, BUILT_IN).is_file():
                self._require_unused(parsed)
            remove_profile(path)
        try:
            return self.profile_show(name)
        except ProfileError:  # a variant of the user's own
            return None

    def version_ranges(self, model_id: str) -> VersionRangesJson:
        """Which versions of applications a model may be linked into.

        Raises ModelNotFoundError, AmbiguousModelIdError, MetadataError.
        """
        from model_library.api.profile_documents import version_ranges_json

        catalog = self._catalog
        record = self._indexed(lambda: catalog.record_of(catalog.indexed(model_id)))
        return version_ranges_json(catalog, record)

    def set_version_ranges(self, model_id: str, ranges: Mapping[str, str]) -> VersionRangesJson:
        """Say which versions of kinds of applications a model may be linked into, as PEP 440 specifiers; ""
        means any. Kinds that are not named stay as they are. Links that are not allowed any more go.

        Raises InvalidValueError, MetadataError for a file that has to be corrected by hand, RootOfflineError,
        ModelNotFoundError, AmbiguousModelIdError, FileError, LibraryBusyError.
        """
        from model_library.api.profile_documents import version_ranges_json
        from model_library.restricting import set_ranges

        catalog = self._catalog
        catalog.require_writable()
        with relinked(catalog, self._listener) as changed:
            record = self._indexed(lambda: catalog.record_of(catalog.indexed(model_id)))
            set_ranges(catalog, record, ranges)
            changed.append(record.metadata.model_id)
        return version_ranges_json(catalog, record)

    # --- inside ------------------------------------------------------------------------------------

    def _edited(self, draft: Draft, app: str | None, *, saved: bool) -> ProfileEditJson:
        from model_library.api.link_documents import LinkDocuments
        from model_library.api.profile_documents import draft_detail

        preview = None
        if app is not None:
            plan = self._plan_with(draft, app)
            preview = LinkDocuments(self._catalog).preview(plan)
        detail = draft_detail(draft, saved=saved)
        return ProfileEditJson(profile=detail, preview=preview, saved=saved)

    def _require_unused(self, name: ProfileName) -> None:
        """Raises ProfileError for a variant that an application has: it could not be synced any more."""
        for app in self._catalog.links.apps():
            if (app.kind, app.variant) == (name.app, name.variant):
                hint = "Give it another variant first."
                raise ProfileError(f"{app.app_id} has the variant {name.variant!r}", hint=hint)

    def _plan_with(self, draft: Draft, app: str) -> Plan:
        """With what no rule wants any more, so that a rule that is switched off can be seen to work."""
        from model_library.mapper import Mapper
        from model_library.version_manager import refreshed_app

        catalog = self._catalog
        installation = refreshed_app(catalog, catalog.links.app(app))
        mapper = Mapper(catalog, self._listener)
        return self._indexed(
            lambda: mapper.preview(installation, prune=True, profile=draft.profile)
        )
