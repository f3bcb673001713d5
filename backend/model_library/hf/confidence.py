"""How sure it is that a file of ours is the published one: evidence in, method and confidence out.

One pure function and one table. It does not matter who pointed to the repository: what a name and a size
prove is the same whether a sidecar or a search found it, and so a second lookup, which knows the
repository from the first, comes to the same answer.

    hash      name      size        hash of a file     method           confidence
    --------  --------  ----------  -----------------  ---------------  -----------------------------
    the same  any       any                            hash             1.0
    unknown   exact     the same    small files        filename_exact   0.9
    differs   exact     the same    header rewritten   filename_exact   0.75, modified
    unknown   exact     unknown                        filename_exact   0.7
    differs   exact     unknown                        filename_exact   0.65, modified
    any       exact     differs                        filename_exact   0.65, modified
    unknown   alike     the same                       filename_fuzzy   0.8 * similarity
    unknown   alike     unknown                        filename_fuzzy   0.7 * similarity
    any       alike     otherwise                      filename_fuzzy   0.65 * similarity
    any       unlike    any                            none             0.0

More evidence never lowers the confidence. A size that is the same says nothing where the hash differs: two
LoRAs of one kind have one size.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from model_library.taxonomy import MatchMethod

LEAST_SIMILARITY: Final = 0.6
"""Below it names have no more in common than any two model names have."""
MOST_FOR_ALIKE: Final = 0.8
"""Confidence that a name which is not the published one can reach."""
_OTHER_BYTES: Final = 0.65
"""And when the bytes are known to be others."""


class Agreement(IntEnum):
    """Of something of ours with the provider's; the more, the better."""

    DIFFERS = 0
    UNKNOWN = 1
    SAME = 2


_EXACT_NAME: Final = {
    (Agreement.SAME, Agreement.UNKNOWN): 0.9,
    (Agreement.SAME, Agreement.DIFFERS): 0.75,
    (Agreement.UNKNOWN, Agreement.UNKNOWN): 0.7,
    (Agreement.UNKNOWN, Agreement.DIFFERS): 0.65,
    (Agreement.DIFFERS, Agreement.UNKNOWN): 0.65,
    (Agreement.DIFFERS, Agreement.DIFFERS): 0.65,
}
"""By size and hash."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one of our files has in common with a published one."""

    similarity: float
    """Of the names, 0 to 1; 1 is the very name."""
    size: Agreement
    hash: Agreement

    @property
    def modified(self) -> bool:
        """The name is the provider's, the bytes are not."""
        differs = Agreement.DIFFERS in (self.hash, self.size)
        return self.similarity == 1 and differs and self.hash is not Agreement.SAME


def confidence(evidence: Evidence) -> tuple[MatchMethod, float]:
    """How it was matched and how sure that is, 0 to 1; see the table above."""
    if evidence.hash is Agreement.SAME:
        return MatchMethod.HASH, 1.0
    exact = _EXACT_NAME[evidence.size, evidence.hash]
    if evidence.similarity == 1:
        return MatchMethod.FILENAME_EXACT, exact
    if evidence.similarity < LEAST_SIMILARITY:
        return MatchMethod.NONE, 0.0
    most = _OTHER_BYTES if evidence.hash is Agreement.DIFFERS else MOST_FOR_ALIKE
    return MatchMethod.FILENAME_FUZZY, round(evidence.similarity * min(exact, most), 3)
