"""What a supergraph defines of the specifications that it links to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

__all__ = [
    "JOIN_DEFINITIONS",
    "JOIN_TYPES",
    "LINK_DEFINITION",
    "LINK_TYPES",
    "ONE_OF_DEFINITION",
    "SPECIFICATIONS",
    "Specification",
]

LINK_DEFINITION = "directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA"

ONE_OF_DEFINITION = "directive @oneOf on INPUT_OBJECT"
"""Part of GraphQL since September 2025: gateways that are older read its definition here."""

LINK_TYPES: Mapping[str, str] = {
    "link__Import": "scalar link__Import",
    "link__Purpose": '''enum link__Purpose {
  """
  `SECURITY` features provide metadata necessary to securely resolve fields.
  """
  SECURITY

  """
  `EXECUTION` features provide metadata necessary for operation execution.
  """
  EXECUTION
}''',
}

JOIN_DEFINITIONS: Mapping[str, str] = {
    "join__directive": "directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments) "
    "repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION",
    "join__enumValue": "directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE",
    "join__field": "directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, "
    "external: Boolean, override: String, usedOverridden: Boolean, overrideLabel: String, "
    "contextArguments: [join__ContextArgument!]) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION",
    "join__graph": "directive @join__graph(name: String!, url: String!) on ENUM_VALUE",
    "join__implements": "directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE",
    "join__type": "directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, "
    "resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) "
    "repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR",
    "join__unionMember": "directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION",
}

JOIN_TYPES: Mapping[str, str] = {
    "join__ContextArgument": """input join__ContextArgument {
  name: String!
  type: String!
  context: String!
  selection: join__FieldValue!
}""",
    "join__DirectiveArguments": "scalar join__DirectiveArguments",
    "join__FieldSet": "scalar join__FieldSet",
    "join__FieldValue": "scalar join__FieldValue",
}

_ACCESS = "FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"
_EVERYTHING = (
    "FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | "
    "INPUT_FIELD_DEFINITION"
)


@dataclass(frozen=True, slots=True)
class Specification:
    """A specification that directives of federation belong to in a supergraph."""

    name: str
    version: str
    # Definitions by name.
    directives: Mapping[str, str]
    # Scalars of the directives' arguments.
    scalars: tuple[str, ...] = ()
    # A gateway that does not know the specification must not serve the supergraph.
    secures: bool = False

    def link(self, used: Collection[str]) -> str:
        """Return the `@link`; a directive of the specification's own name needs no import."""
        imports = [f"@{name}" for name in self.directives if name in used and name != self.name]
        text = f'@link(url: "https://specs.apollo.dev/{self.name}/{self.version}"'
        if imports:
            text += ", import: [" + ", ".join(f'"{name}"' for name in imports) + "]"
        return text + (", for: SECURITY)" if self.secures else ")")


SPECIFICATIONS: Sequence[Specification] = (
    Specification("tag", "v0.3", {"tag": f"directive @tag(name: String!) repeatable on {_EVERYTHING} | SCHEMA"}),
    Specification("inaccessible", "v0.2", {"inaccessible": f"directive @inaccessible on {_EVERYTHING}"}, secures=True),
    Specification("authenticated", "v0.1", {"authenticated": f"directive @authenticated on {_ACCESS}"}, secures=True),
    Specification(
        "requiresScopes",
        "v0.1",
        {"requiresScopes": f"directive @requiresScopes(scopes: [[requiresScopes__Scope!]!]!) on {_ACCESS}"},
        ("requiresScopes__Scope",),
        secures=True,
    ),
    Specification(
        "policy",
        "v0.1",
        {"policy": f"directive @policy(policies: [[policy__Policy!]!]!) on {_ACCESS}"},
        ("policy__Policy",),
        secures=True,
    ),
    Specification(
        "cost",
        "v0.1",
        {
            "cost": "directive @cost(weight: Int!) on "
            "ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR",
            "listSize": "directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], "
            "requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION",
        },
    ),
    Specification(
        "context",
        "v0.1",
        {"context": "directive @context(name: String!) repeatable on INTERFACE | OBJECT | UNION"},
        secures=True,
    ),
)
