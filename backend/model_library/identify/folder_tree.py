"""Files arranged by folder, for questions about what lies in and below one."""

# ruff: noqa: PTH120 - folders are dictionary keys here: strings, not 100,000 Path objects

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from model_library.identify.values import FoundFile


class FolderTree:
    """`folders`: path of each folder with files -> its files by name. Both sorted."""

    def __init__(self, files: Iterable[FoundFile]) -> None:
        unsorted: dict[str, dict[str, FoundFile]] = {}
        for file in files:
            folder, name = os.path.split(str(file.path))
            unsorted.setdefault(folder, {})[name] = file
        self.folders: Mapping[str, Mapping[str, FoundFile]] = {
            folder: dict(sorted(unsorted[folder].items())) for folder in sorted(unsorted)
        }
        self._children: dict[str, list[str]] = {}
        for folder in self.folders:
            self._link_upwards(folder)

    def _link_upwards(self, folder: str) -> None:
        parent = os.path.dirname(folder)
        while parent != folder:
            siblings = self._children.setdefault(parent, [])
            is_known = bool(siblings)
            siblings.append(folder)
            if is_known:
                return
            folder, parent = parent, os.path.dirname(parent)

    def children(self, folder: str) -> list[str]:
        """The folders directly inside that have files in or below them, sorted."""
        return sorted(set(self._children.get(folder, ())))

    def with_all_below(self, folder: str) -> Iterator[str]:
        """The folder itself and every one below, as far as they have files; in no set order."""
        waiting = [folder]
        while waiting:
            here = waiting.pop()
            if here in self.folders:
                yield here
            waiting += self.children(here)

    def names_below(self, folder: str) -> Iterator[str]:
        """The names of all files in and below a folder."""
        for here in self.with_all_below(folder):
            yield from self.folders[here]
