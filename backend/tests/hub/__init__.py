"""A Hugging Face Hub on loopback for tests and benchmarks: `with running_hub([hub_repo(...)]) as hub`.

It answers as the real `huggingface_hub` client expects, and fails in the ways of `faults.py` when told
to. Nothing of the program under test is imported here.
"""

from tests.hub.access import HubUser
from tests.hub.messages import Origin
from tests.hub.quota import RateLimits
from tests.hub.repos import HubFile, HubRepo, hub_repo
from tests.hub.server import Hub, running_hub

__all__ = [
    "Hub",
    "HubFile",
    "HubRepo",
    "HubUser",
    "Origin",
    "RateLimits",
    "hub_repo",
    "running_hub",
]
