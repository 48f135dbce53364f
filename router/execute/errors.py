"""GraphQL errors (section 7.1.2) of an answer, with the paths that clients know."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from graphql import GraphQLError

from router.execute.failures import SubgraphFailure, SubgraphTimeout
from router.execute.response_tree import Path

__all__ = ["MAX_ERRORS", "ErrorList", "error_of_graphql", "forget_failed_fields"]

DOWNSTREAM_CODE = "DOWNSTREAM_SERVICE_ERROR"

# An entity has as many places as lists repeat it, and an error is owed per place; an answer is not made of errors.
MAX_ERRORS = 500


class ErrorList:
    """The errors of one execution, in the order in which they were found."""

    def __init__(self, client_path: Callable[[Path], Path] = lambda path: path, earlier: ErrorList | None = None) -> None:
        """`client_path` shortens a path in the response tree to what the client's operation selects.

        `earlier` are errors that the client has been told already.
        """
        self._earlier = earlier
        self._client_path = client_path
        self.errors: list[dict[str, Any]] = []
        # Whether something is missing because the request's own time was over: another request might have got it.
        self.cut_short = False
        self._explained: set[Path] = set()
        self._pathless = False

    def later(self) -> ErrorList:
        """Return a list for what is found after these errors are told."""
        return ErrorList(self._client_path, self)

    def add(self, message: str, path: Path | None, extensions: dict[str, Any]) -> None:
        """Add an error; without a path it stands for any field."""
        if len(self.errors) >= MAX_ERRORS:
            self._pathless = True
            return
        path = self._client_path(path) if path else None
        if path:
            # Everything above an error may be null because of it (section 6.4.4), and so may what lies below.
            self._explained.update(path[:length] for length in range(1, len(path) + 1))
        else:
            self._pathless = True
        error: dict[str, Any] = {"message": message}
        if path:
            error["path"] = list(path)
        error["extensions"] = extensions
        self.errors.append(error)

    def add_failure(self, subgraph: str, failure: SubgraphFailure, path: Path) -> None:
        """Add the one error of a fetch that failed as a whole, at the deepest path common to what it was for."""
        if isinstance(failure, SubgraphTimeout) and failure.early:
            self.cut_short = True
        extensions = failure.extensions()
        extensions["serviceName"] = subgraph
        self.add(f"HTTP fetch failed from '{subgraph}': {failure.reason}", path, extensions)

    def add_subgraph_error(self, subgraph: str, error: Any, paths: Iterable[Path]) -> None:
        """Add a subgraph's error at each of the client's paths it concerns."""
        given = error if isinstance(error, dict) else {}
        message = given.get("message")
        extensions = given.get("extensions")
        extensions = dict(extensions) if isinstance(extensions, dict) else {}
        if not isinstance(extensions.get("code"), str):
            extensions["code"] = DOWNSTREAM_CODE
        extensions.setdefault("serviceName", subgraph)
        for path in paths:
            self.add(message if isinstance(message, str) else "The subgraph reported an error.", path, extensions)

    def explains(self, path: Path) -> bool:
        """Tell whether a null at `path` follows from an error that is already listed."""
        if self._pathless or path in self._explained:
            return True
        if self._earlier is not None and self._earlier.explains(path):
            return True
        return any(tuple(error["path"]) == path[: len(error["path"])] for error in self.errors)


def error_of_graphql(error: GraphQLError, code: str) -> dict[str, Any]:
    """Return the answer's form of an error that graphql-core found."""
    formatted: dict[str, Any] = dict(error.formatted)
    formatted["extensions"] = {"code": code, **(error.extensions or {})}
    return formatted


def forget_failed_fields(data: Any, path: Path) -> None:
    """Remove the null that stands for the error at `path` of a subgraph's data.

    A field that failed is then missing, so that no representation is built of it; a field that is null stays.
    """
    value = data
    for key in path:
        if isinstance(value, dict) and isinstance(key, str) and key in value:
            if value[key] is None:
                del value[key]
                return
            value = value[key]
        elif isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
            value = value[key]
        else:
            return
