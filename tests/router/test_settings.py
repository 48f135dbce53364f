"""Every setting is documented, with the default that it has."""

import json
import re
from pathlib import Path

from router.settings import RouterSettings

DOCUMENT = Path(__file__).parents[2] / "docs/router.md"
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \| .+ \|$", re.M)


def test_settings_are_documented_with_their_defaults() -> None:
    written = {name.lower(): default.strip("`") for name, default in ROW.findall(DOCUMENT.read_text(encoding="utf-8"))}
    assert written == {
        name: _shown(field.get_default(call_default_factory=True)) for name, field in RouterSettings.model_fields.items()
    }


def _shown(default: object) -> str:
    if default is None:
        return "–"
    return str(default) if isinstance(default, str | Path) else json.dumps(default)
