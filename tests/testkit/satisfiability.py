"""What composition says about queries that subgraphs cannot answer."""

from tests.testkit.composing import composed

__all__ = ["messages", "witnesses"]


def messages(**sdls: str) -> list[str]:
    """Compose Federation 2 SDLs by subgraph name; return the messages of the errors, all of them of satisfiability."""
    result = composed(**sdls)
    assert {error.code for error in result.errors} <= {"SATISFIABILITY_ERROR"}, result.errors
    return [error.message for error in result.errors]


def witnesses(**sdls: str) -> list[str]:
    """Return the example queries of the errors, each on one line."""
    return [" ".join(message.partition(":\n")[2].partition("\ncannot")[0].split()) for message in messages(**sdls)]
