"""Loads the kv twin of a module, once."""

from pathlib import Path

from kivy.lang import Builder


def load_twin(module_file: str) -> None:
    """Load `x.kv` that stands beside `x.py`."""
    twin = str(Path(module_file).with_suffix(".kv"))
    if twin not in Builder.files:
        Builder.load_file(twin)
