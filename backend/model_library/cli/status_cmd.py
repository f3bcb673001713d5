"""`status`: the library at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from model_library.api.shapes import HostJson, NetworkJson, QuotaJson, StatusJson
from model_library.cli.options import JsonOption, LibraryOption
from model_library.cli.output import Output, size_text
from model_library.cli.session import opened
from model_library.display_names import number_of


def status(library: LibraryOption = None, as_json: JsonOption = False) -> int:
    """Show how much the library holds, where, and what needs attention."""
    out = Output(as_json=as_json)
    with opened(out, library) as lib:
        found = lib.status()
    if as_json:
        out.json(found)
        return 0
    access = " (read-only)" if found["read_only"] else ""
    out.line(f"Library {found['library']}{access}", "bold")
    attention = {k: v for k, v in found["states"].items() if k != "online" and v}
    out.fields(
        {
            "models": f"{found['models']} ({size_text(found['bytes'])})",
            "kinds": ", ".join(_kinds(found)),
            "attention": ", ".join(f"{n} {name}" for name, n in attention.items()),
            "": "`search state:missing,modified,invalid` names them" if attention else "",
            "damaged": ", ".join(found["damaged"]),
            "in the trash": str(found["trash"]) if found["trash"] else "",
            "unfinished": str(found["unfinished"]) if found["unfinished"] else "",
            "look-ups": _waiting(found["lookups_pending"]),
            "jobs": ", ".join(_unended(found["jobs"])),
        }
    )
    for line in _network(found["network"]):
        out.line(line)
    for root in found["roots"]:
        state = "online" if root["online"] else f"offline ({root['problem']})"
        out.line(
            f"root {root['root_id'][:8]}  {state}  {size_text(root['free'])} free  {root['path']}"
        )
    return 0


def _kinds(found: StatusJson) -> Iterator[str]:
    """`adapter 3 (lora 2, lycoris 1)`, `vae 1`."""
    types = ", ".join(f"{name} {n}" for name, n in found["adapter_types"].items())
    for name, count in found["kinds"].items():
        yield f"{name} {count}" + (f" ({types})" if name == "adapter" and types else "")


def _waiting(count: int) -> str:
    return f"{number_of(count, 'model')} waiting; `lookup` asks for them" if count else ""


def _unended(counts: Mapping[str, int]) -> Iterator[str]:
    """The jobs that are not over: `1 running`, `2 queued`."""
    for state in ("running", "paused", "interrupted", "queued"):
        if state in counts:
            yield f"{counts[state]} {state}"


def _network(network: NetworkJson) -> Iterator[str]:
    """One line a host: whether it answers, and what is left of its allowance."""
    if network["offline"]:
        yield "network  switched off"
        return
    for host in network["hosts"]:
        parts = [f"network  {host['host']}", _state(host)]
        parts += [_quota(quota) for quota in host["quotas"]]
        yield "  ".join(part for part in parts if part)


def _state(host: HostJson) -> str:
    if host["state"] == "closed" and host["last_answer"]:
        return f"answered {host['last_answer'][:16].replace('T', ' ')}"
    if host["state"] == "closed":
        return host["last_error"] or ""
    return f"does not answer, left in peace since {(host['since'] or '')[11:19]} ({host['last_error']})"


def _quota(quota: QuotaJson) -> str:
    limit = "" if quota["limit"] is None else f" of {quota['limit']}"
    return f"{quota['bucket']} {quota['remaining']}{limit} left"
