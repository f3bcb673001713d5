"""What the tests of identifying are made of: tensors from short notes, groups from files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from model_library.identify.rules import Rule, Variant
from model_library.identify.values import FoundFile, GroupFile, ModelGroup, Tensor
from model_library.taxonomy import FileRole, ModelForm

_WEIGHTS = frozenset({".safetensors", ".gguf", ".bin", ".pt", ".pth", ".ckpt", ".onnx", ".h5"})


def tensors(
    shapes: Mapping[str, tuple[int, ...]], *, dtype: str = "F16", prefix: str = ""
) -> dict[str, Tensor]:
    """Tensors of one dtype by name and shape."""
    return {prefix + name: Tensor(prefix + name, dtype, shape) for name, shape in shapes.items()}


def group_of(
    base: Path,
    *files: Path,
    form: ModelForm = ModelForm.SINGLE_FILE,
    name: str | None = None,
    missing: Sequence[str] = (),
) -> ModelGroup:
    """The group that the given files (or all below `base`) form, as grouping would make it."""
    paths = files or sorted(path for path in base.rglob("*") if path.is_file())
    return ModelGroup(
        form=form,
        name=paths[0].stem if name is None else name,
        base=base,
        files=tuple(_file(path, base) for path in paths),
        missing=tuple(missing),
    )


def _file(path: Path, base: Path) -> GroupFile:
    stat = path.stat()
    found = FoundFile(path, stat.st_size, stat.st_mtime_ns, stat.st_dev, stat.st_ino)
    is_weight = path.suffix in _WEIGHTS and path.name != "training_args.bin"
    role = FileRole.WEIGHT if is_weight else FileRole.COMPANION
    return GroupFile(found, path.relative_to(base).as_posix(), role)


def example_of(rule: Rule, *variants: Variant) -> dict[str, Tensor]:
    """The fewest tensors that a row and some of its variants ask for."""
    conditions: tuple[Rule | Variant, ...] = (rule, *variants)
    prefix = rule.prefixes[0]
    sizes: dict[str, list[int]] = {}
    for condition in conditions:
        for key in condition.needs:
            sizes.setdefault(_name(key, prefix, sizes), [8, 8])
    for condition in conditions:
        for key, axis, wanted in condition.shapes:
            size = wanted[0] if isinstance(wanted, tuple) else wanted
            name = _name(key, prefix, sizes)
            sizes[name] = _with_size(sizes.get(name, [8, 8]), axis, size)
    return {name: Tensor(name, "F16", tuple(shape)) for name, shape in sizes.items()}


def _name(key: str, prefix: str, known: Mapping[str, object]) -> str:
    """A name that a key of the table fits; one that is already there if possible."""
    names = [_one_name(alternative, prefix) for alternative in key.split("|")]
    return next((name for name in names if name in known), names[0])


def _one_name(key: str, prefix: str) -> str:
    name = key[1:] if key.startswith("^") else prefix + key
    return name.replace("#", "0").replace("*", "x")


def _with_size(shape: list[int], axis: int | str, size: int) -> list[int]:
    if isinstance(axis, str):
        return (shape + [8] * size)[:size]
    length = max(len(shape), axis + 1 if axis >= 0 else -axis)
    longer = shape + [8] * (length - len(shape))
    longer[axis] = size
    return longer
