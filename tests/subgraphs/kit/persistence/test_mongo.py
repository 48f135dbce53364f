"""How a subgraph opens its database."""

import pytest
from pydantic import SecretStr

from subgraphs.kit.persistence.mongo import connect
from subgraphs.kit.settings import Settings


@pytest.mark.parametrize(
    ("options", "retried"),
    [("", True), ("?retryWrites=false", False)],
    ids=["unless told otherwise", "not where the URI says so"],
)
async def test_writes_are_retried(options: str, retried: bool) -> None:
    settings = Settings(_env_file=None, mongodb_uri=SecretStr(f"mongodb://127.0.0.1:9/{options}"))  # type: ignore[call-arg]
    async with connect(settings, "plan") as database:
        assert database.client.options.retry_writes is retried
        assert database.write_concern.document == {"w": "majority", "j": True}
