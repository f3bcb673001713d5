"""Settings: every number that someone may want to tune.

Nothing below the command line reads the environment; it is handed a `Settings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

GIB: Final = 1024**3
MIB: Final = 1024**2

HUB_ENDPOINT: Final = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """How the library speaks with hosts outside. Times are in seconds, sizes in bytes."""

    endpoint: str = HUB_ENDPOINT
    """Origin of the Hub or of a mirror (HF_ENDPOINT), without a slash at the end."""
    token: str | None = field(default=None, repr=False)
    """Sent to the endpoint's own origin and to no other."""
    offline: bool = False
    """HF_HUB_OFFLINE, or the setting."""
    offline_by: str = ""
    """What switched the network off: a variable, or the words for what did; empty where nobody said."""
    connect_timeout: float = 5.0
    read_timeout: float = 7.0
    call_budget: float = 7.0
    """After which an API call that has no answer has failed, with all its tries."""
    tries: int = 3
    failures_to_open: int = 3
    """Failures in a row after which a host is left in peace."""
    open_for: float = 60.0
    answers_fresh: float = 24 * 3600.0
    cache_bytes: int = 64 * MIB
    connections: int = 4
    """Ranges of one file that are fetched at once."""
    bandwidth: int | None = None
    """Bytes a second for all downloads together."""
    ca_file: str | None = None
    """Certificates to trust besides the system's (SSL_CERT_FILE, REQUESTS_CA_BUNDLE)."""
    proxy: str | None = None
    """HTTPS_PROXY, for hosts other than loopback and those in NO_PROXY."""
    no_proxy: tuple[str, ...] = ()
    hub_cache: Path | None = None
    """Where huggingface_hub keeps its downloads: HF_HUB_CACHE, else HF_HOME/hub."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What one open library works with."""

    lock_timeout: float = 30.0
    """Seconds to wait for another process before LibraryBusyError. Sections under the lock take
    milliseconds; a rebuild of a million models takes about a minute and has its own patience."""
    rebuild_timeout: float = 300.0
    """Seconds to wait for another process that rebuilds the index."""
    workers: int = 4
    """Models that are probed and placed at the same time. The drive queues decide how many of them
    read and write; the rest wait there."""
    batch_models: int = 64
    """Models made durable and published together. One flush of the filesystem serves all of them;
    larger batches no longer gain."""
    batch_bytes: int = 256 * 1024**2
    """Bytes after which a batch is published even when it is not full, so that a large model is
    visible as soon as it is safe."""
    drive_limits: Mapping[str, int] = field(default_factory=dict)
    """Copies at once for a drive, by its key; overrides what the kind of drive suggests."""
    list_limit: int = 50
    """Rows that `list` and `search` return when nobody says how many."""
    network: NetworkSettings | None = None
    """None: what the environment says (HF_TOKEN, HF_ENDPOINT, ...), read when the network is first needed."""
