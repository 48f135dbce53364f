"""Satisfiability: whether the subgraphs together can answer every query that the supergraph's API schema allows."""

from router.compose.satisfiability.checker import SatisfiabilityReport, check_satisfiability, satisfiability_report

__all__ = ["SatisfiabilityReport", "check_satisfiability", "satisfiability_report"]
