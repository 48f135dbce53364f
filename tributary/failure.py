"""What ends a command: one line that says what is wrong and what to do about it."""

__all__ = ["Failure"]


class Failure(Exception):
    """The command cannot go on. `str()` is the line its user sees; `exit_code` is 1 for a finding, 2 for wrong use."""

    def __init__(self, problem: str, remedy: str, exit_code: int = 2) -> None:
        super().__init__(f"{problem} → {remedy}")
        self.problem, self.remedy, self.exit_code = problem, remedy, exit_code
