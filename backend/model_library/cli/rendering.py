"""How a model looks in a table and on its own page."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from model_library.api.shapes import ListJson, ModelJson
from model_library.cli.output import Output, count_text, shown, size_text
from model_library.display_names import number_of

MODEL_COLUMNS = ("ID", "Kind", "Family", "Precision", ">Size", "State", "Name")
_NARROW = 110  # terminal columns below which only what identifies a model is shown
_NARROW_COLUMNS = (0, 1, 4, 6)


def kind_text(model: ModelJson) -> str:
    """The kind, and of an adapter what sort of adapter it is: `adapter (lora)`."""
    kind, adapter_type = str(model.get("kind") or "unknown"), model.get("adapter_type")
    return f"{kind} ({adapter_type})" if adapter_type else kind


def family_text(model: ModelJson) -> str:
    variant = model.get("variant")
    return f"{model.get('family')} {variant}" if variant else str(model.get("family"))


def model_row(model: ModelJson) -> Sequence[str]:
    return (
        str(model["model_id"]),
        kind_text(model),
        family_text(model),
        str(model.get("precision") or "-"),
        size_text(model.get("size")),
        str(model.get("state", "")),
        str(model["official_name"]),
    )


def show_trash(out: Output, models: Sequence[ModelJson]) -> None:
    """What was deleted, and when."""
    rows = [
        (m["deleted"], m["model_id"], kind_text(m), size_text(m["size"]), m["official_name"])
        for m in models
    ]
    out.table(("Deleted", "ID", "Kind", ">Size", "Name"), rows)
    total = size_text(sum(model["size"] for model in models))
    hint = "`restore ID` brings one back; `delete --from-trash --all` frees their space"
    out.line(f"{number_of(len(models), 'model')} ({total}); {hint}", "dim")


def show_models(out: Output, models: Sequence[ModelJson]) -> None:
    """A table of models with as many columns as the terminal has room for; nothing is ever cut."""
    chosen = _NARROW_COLUMNS if out.width < _NARROW else range(len(MODEL_COLUMNS))
    rows = [model_row(model) for model in models]
    out.table([MODEL_COLUMNS[i] for i in chosen], [[row[i] for i in chosen] for row in rows])


def show_page(out: Output, page: ListJson, offset: int) -> None:
    """A page of results and a line that says how many there are."""
    if page["models"]:
        show_models(out, page["models"])
    exact = "" if page["total_is_exact"] else "at least "
    rows = f"{offset + 1}-{offset + len(page['models'])} of " if page["models"] else ""
    total = number_of(page["total"], "model")
    out.line(f"{rows}{exact}{total} ({page['took_ms']:.1f} ms)", "dim")
    for warning in page["warnings"]:
        out.note(warning["message"], warning["hint"])
    for name, counts in page.get("facets", {}).items():
        if counts:
            out.line(f"{name}: " + ", ".join(f"{value} {n}" for value, n in counts.items()))


def show_model(out: Output, model: ModelJson) -> None:
    """Everything about one model that a person wants to see at once."""
    security = model.get("security") or {}
    out.line(str(model.get("official_name") or model.get("name") or ""), "bold")
    out.fields(
        {
            "id": str(model.get("model_id", "")),
            "state": str(model.get("state", "")),
            "path": str(model.get("path") or ""),
            "kind": kind_text(model) if "kind" in model else "",
            "family": family_text(model) if "family" in model else "",
            "lineage": str(model.get("lineage") or ""),
            "container": str(model.get("container") or ""),
            "precision": str(model.get("precision") or ""),
            "parameters": count_text(model.get("parameter_count")),
            "size": size_text(model.get("size")),
            "tasks": _joined(model.get("tasks")),
            "security": str(security.get("tier", "")),
            "findings": _joined(security.get("findings"), "; "),
            "missing": _joined(model.get("missing_files")),
            "source": _sources(model.get("sources")),
            "licence": str(model.get("license") or ""),
            "tags": _joined(model.get("tags")),
            "trigger words": _joined(model.get("trigger_words")),
            "description": str(model.get("description") or ""),
            "notes": str(model.get("notes") or ""),
            "placed by": str(model.get("placement") or ""),
            "came from": str(model.get("origin_path") or ""),
            "added": str(model.get("added") or ""),
            "set by hand": ", ".join(_by_hand(model)),
            "verified": _verified(model.get("verified")),
        }
    )
    _show_evidence(out, model.get("evidence") or {})
    _show_files(out, model.get("files") or [], _directory(model))


def _show_evidence(out: Output, evidence: dict[str, Any]) -> None:
    if evidence:
        out.line()
        out.table(
            ("Known", "Value", "Because of", ">Confidence"),
            [
                (name, str(e["value"]), str(e["method"]), f"{e['confidence']:.2f}")
                for name, e in evidence.items()
            ],
        )


def _directory(model: ModelJson) -> str:
    """The directory of the files with a separator behind it, or nothing when it is offline."""
    path, files = str(model.get("path") or ""), model.get("files") or []
    if path and len(files) > 0 and path.endswith(f"{os.sep}{files[0]['path']}"):
        return path.removesuffix(files[0]["path"])
    return path and path + os.sep


def _show_files(out: Output, files: Sequence[dict[str, Any]], directory: str) -> None:
    """One line a file and one for its hash: both stay whole on a narrow terminal, to be copied."""
    for file in files:
        out.line()
        out.line(f"{shown(directory + file['path'])}  {size_text(file['size'])}")
        out.line(f"SHA-256 {file['sha256']}")


def _joined(values: object, separator: str = ", ") -> str:
    return separator.join(map(str, values)) if isinstance(values, list | tuple) else ""


def _by_hand(model: ModelJson) -> Iterator[str]:
    """The fields that a person set, each with what was found automatically."""
    automatic = model.get("automatic") or {}
    for name in model.get("user_set") or ():
        found = (automatic.get(name) or {}).get("value")
        text = _joined(found) or str(found or "nothing")
        yield f"{name} (found: {text[:40]})" if name in automatic else name


def _sources(sources: Sequence[dict[str, Any]] | None) -> str:
    known = [
        " ".join(str(s[key]) for key in ("provider", "repo", "model_id", "url") if s.get(key))
        for s in sources or ()
    ]
    return "; ".join(dict.fromkeys(known))


def _verified(checked: dict[str, Any] | None) -> str:
    if not checked:
        return ""
    return f"{checked['date']} " + ("intact" if checked["intact"] else checked["detail"])
