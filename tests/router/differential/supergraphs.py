"""Random sets of subgraphs, for what nobody thought of when writing fixtures. Some do not compose: those are skipped.

Entities are spread over subgraphs with different keys; their fields are owned by one subgraph, shared, required, provided or
overridden; interfaces, unions, value types and interface objects differ from subgraph to subgraph.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from router.supergraph.parser import parse_supergraph
from tests.testkit.federation_fixtures import Fixture, composed
from tests.testkit.federation_sdl import read_subgraph

__all__ = ["random_fixture", "random_subgraphs"]

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", '
    '"@requires", "@provides", "@override", "@interfaceObject"])\n'
)
LEAVES = ("String", "Int", "Boolean", "Float", "Color", "String!", "Int!", "[String!]", "[Int]!")
KEYS = ("id", "id", "id", "sku", "id sku", "ref { code }")


@dataclass
class _Type:
    """A type of one subgraph, as text."""

    head: str
    directives: str = ""
    interfaces: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        implements = f" implements {' & '.join(self.interfaces)}" if self.interfaces else ""
        body = "\n".join(f"  {text}" for text in self.fields.values())
        return f"{self.head}{implements}{self.directives} {{\n{body}\n}}\n"


class _Subgraphs:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.names = ["a", "b", "c", "d", "e"][: random.choice((2, 3, 3, 4, 5))]
        self.types: dict[str, dict[str, _Type]] = {name: {"Query": _Type("type Query")} for name in self.names}
        self.unions: dict[str, dict[str, list[str]]] = {name: {} for name in self.names}
        self.entities = [f"T{number}" for number in range(random.choice((2, 3, 3, 4)))]
        self.values = [f"V{number}" for number in range(random.choice((0, 1, 2)))]

    def write(self) -> dict[str, str]:
        for name in self.entities:
            self.place(name)
        for name in self.values:
            self.place_value(name)
        self.abstract()
        self.interface_fields()
        for name in self.entities:
            self.own_fields(name)
        for name in self.values:
            self.value_fields(name)
        if self.random.random() < 0.35:
            self.interface_object()
        for name in self.names:
            self.roots(name)
        return {name: self.sdl(name) for name in self.names}

    def chance(self, percent: int) -> bool:
        return self.random.random() * 100 < percent

    def place(self, name: str) -> None:
        """Put an entity into some subgraphs, with keys."""
        chosen = self.random.sample(self.names, self.random.randint(min(2, len(self.names)), len(self.names)))
        same = self.random.choice(KEYS) if self.chance(60) else "id" if self.chance(60) else None
        for subgraph in chosen:
            keys = {same or self.random.choice(KEYS)}
            if self.chance(25):
                keys.add(self.random.choice(KEYS))
            type_ = self.types[subgraph][name] = _Type(f"type {name}")
            for key in sorted(keys):
                resolvable = ", resolvable: false" if self.chance(5) else ""
                type_.directives += f' @key(fields: "{key}"{resolvable})'
                for word in ("id", "sku"):
                    if word in key.split():
                        type_.fields[word] = f"{word}: ID!"
                if "ref" in key:
                    type_.fields["ref"] = "ref: Ref! @shareable"
                    self.types[subgraph]["Ref"] = _Type("type Ref", " @shareable", [], {"code": "code: Int!"})

    def place_value(self, name: str) -> None:
        for subgraph in self.random.sample(self.names, self.random.randint(1, len(self.names))):
            self.types[subgraph][name] = _Type(f"type {name}", " @shareable")

    def abstract(self) -> None:
        """Give subgraphs a union and an interface over what they have."""
        for subgraph in self.names:
            here = [name for name in self.types[subgraph] if name[0] in "TV"]
            if here and self.chance(60):
                self.unions[subgraph]["U"] = self.random.sample(here, self.random.randint(1, len(here)))
            entities = [name for name in here if "id" in self.types[subgraph][name].fields]
            if entities and self.chance(60):
                members = self.random.sample(entities, self.random.randint(1, len(entities)))
                self.types[subgraph]["I"] = _Type("interface I", fields={"id": "id: ID!"})
                for name in members:
                    self.types[subgraph][name].interfaces.append("I")

    def interface_fields(self) -> None:
        """Give interfaces a field that all of their types have, some of them shared with another subgraph."""
        for subgraph in self.names:
            members = [type_ for type_ in self.types[subgraph].values() if "I" in type_.interfaces]
            if not members or self.chance(30):
                continue
            type_ = self.output(subgraph) if self.chance(50) else "String"
            name = f"common{subgraph}"
            self.types[subgraph]["I"].fields[name] = f"{name}: {type_}"
            for member in members:
                member.fields[name] = f"{name}: {type_}"
                others = [other for other in self.names if other != subgraph and member.head.split()[1] in self.types[other]]
                if others and self.chance(40):
                    other = self.random.choice(others)
                    if self.known(other, type_):
                        member.fields[name] += " @shareable"
                        self.types[other][member.head.split()[1]].fields[name] = f"{name}: {type_} @shareable"

    def own_fields(self, name: str) -> None:
        """Give an entity fields, each owned by one subgraph or by several."""
        owners = [subgraph for subgraph in self.names if name in self.types[subgraph]]
        for number in range(self.random.randint(2, 6)):
            field_name = f"{name.lower()}f{number}"
            owner = self.random.choice(owners)
            type_ = self.output(owner)
            arguments = self.arguments()
            others = [other for other in owners if other != owner]
            text = f"{field_name}{arguments}: {type_}"
            kind = self.random.choice(("own", "own", "shared", "required", "required", "overridden", "provided"))
            if not others or kind == "own":
                self.types[owner][name].fields[field_name] = text + self.provides(owner, type_)
            elif kind == "shared":
                for subgraph in (owner, *self.random.sample(others, self.random.randint(1, len(others)))):
                    if self.known(subgraph, type_):
                        self.types[subgraph][name].fields[field_name] = f"{text} @shareable"
            elif kind == "overridden":
                self.types[owner][name].fields[field_name] = text
                other = self.random.choice(others)
                if self.known(other, type_):
                    label = ', label: "percent(40)"' if self.chance(30) else ""
                    self.types[other][name].fields[field_name] = f'{text} @override(from: "{owner}"{label})'
            else:
                self.types[owner][name].fields[field_name] = f"{text} @shareable" if kind == "provided" else text
                self.require(name, field_name, text, type_, owner, others)

    def require(self, name: str, field_name: str, text: str, type_: str, owner: str, others: list[str]) -> None:
        """Give another subgraph a field that is computed from this one."""
        other = self.random.choice(others)
        if not self.known(other, type_) or field_name in self.types[other][name].fields:
            return
        selection = self.selected(other, type_)
        if selection is None:
            return
        arguments = f"(n: {self.random.choice((1, 2))})" if "(" in text else ""
        self.types[other][name].fields[field_name] = f"{text} @external"
        computed = self.random.choice(("String", "Int", "Boolean!", self.output(other)))
        needed = f"{field_name}{arguments}{selection}"
        self.types[other][name].fields[f"{field_name}r"] = f'{field_name}r: {computed} @requires(fields: "{needed}")'

    def selected(self, subgraph: str, type_: str) -> str | None:
        """Return what is required below a field; None where nothing can be."""
        named = type_.strip("[]!")
        if named == "U":
            return self.selected_of_union(subgraph)
        if named == "I":
            return " { __typename id }" if self.chance(50) else " { id }"
        if named[0] in "VR":
            return None
        if named[0] != "T" or named in ("Int", "String"):
            return ""
        fields = self.types[subgraph][named].fields
        known = [word for word in ("id", "sku") if word in fields]
        return f" {{ {self.random.choice(known)} }}" if known else None

    def selected_of_union(self, subgraph: str) -> str | None:
        parts = []
        for member in self.unions[subgraph]["U"]:
            known = [word for word in ("id", "sku") if word in self.types[subgraph][member].fields]
            if known:
                parts.append(f"... on {member} {{ {known[0]} }}")
        return f" {{ {' '.join(parts)} }}" if parts else None

    def provides(self, subgraph: str, type_: str) -> str:
        """Return `@provides` of a field that another subgraph shares."""
        named = type_.strip("[]!")
        if named not in self.entities or not self.chance(40):
            return ""
        for other in self.names:
            for name, text in self.types[other].get(named, _Type("")).fields.items():
                leaf = text.partition(": ")[2].split()[0].strip("[]!")
                declared = self.types[subgraph][named].fields
                if (
                    other != subgraph
                    and "@shareable" in text
                    and "(" not in text
                    and name not in declared
                    and leaf[0] not in "TUVIR"
                ):
                    declared[name] = text.replace("@shareable", "@external")
                    return f' @provides(fields: "{name}")'
        return ""

    def value_fields(self, name: str) -> None:
        """Give a value type fields, mostly the same in all subgraphs."""
        owners = [subgraph for subgraph in self.names if name in self.types[subgraph]]
        for number in range(self.random.randint(1, 4)):
            type_ = self.output(self.random.choice(owners))
            if self.chance(90) and not all(self.known(subgraph, type_) for subgraph in owners):
                # What one subgraph alone has of a value type is out of reach from the others.
                type_ = self.random.choice(LEAVES)
            chosen = [subgraph for subgraph in owners if self.known(subgraph, type_)]
            for subgraph in chosen:
                self.types[subgraph][name].fields[f"{name.lower()}f{number}"] = f"{name.lower()}f{number}: {type_}"
        for subgraph in owners:
            self.types[subgraph][name].fields.setdefault("note", "note: String")

    def interface_object(self) -> None:
        """Make the interface an entity of one subgraph, and an interface object of another that has none of its types."""
        with_interface = [subgraph for subgraph in self.names if "I" in self.types[subgraph]]
        if len(with_interface) != 1:
            return
        owner = with_interface[0]
        others = [subgraph for subgraph in self.names if subgraph != owner]
        for name, type_ in self.types[owner].items():
            if "I" in type_.interfaces and '"id"' not in type_.directives:
                type_.directives += ' @key(fields: "id")'
            assert name
        self.types[owner]["I"].directives = ' @key(fields: "id")'
        for number, subgraph in enumerate(self.random.sample(others, self.random.randint(1, len(others)))):
            for name, type_ in list(self.types[owner].items()):
                if "I" in type_.interfaces and name in self.types[subgraph]:
                    return
            stand_in = self.types[subgraph]["I"] = _Type("type I @interfaceObject", ' @key(fields: "id")', [], {"id": "id: ID!"})
            for at in range(self.random.randint(1, 3)):
                stand_in.fields[f"o{number}{at}"] = f"o{number}{at}: {self.output(subgraph)}"
            shared = next((text for name, text in self.types[owner]["I"].fields.items() if name != "id"), None)
            if shared is None and self.chance(70):
                self.types[owner]["I"].fields["label"] = "label: String"
                for type_ in self.types[owner].values():
                    if "I" in type_.interfaces:
                        type_.fields["label"] = "label: String"
                shared = "label: String"
            if shared is not None:
                stand_in.fields["label"] = "label: String @external"
                stand_in.fields[f"computed{number}"] = f'computed{number}: String @requires(fields: "label")'

    def roots(self, subgraph: str) -> None:
        query = self.types[subgraph]["Query"]
        for number in range(self.random.randint(1, 3)):
            name = f"{subgraph}{number}"
            query.fields[name] = f"{name}{self.arguments()}: {self.output(subgraph, composite=True)}"
        if self.chance(25):
            name = f"change{subgraph}"
            change = f"{name}{self.arguments()}: {self.output(subgraph, composite=True)}"
            self.types[subgraph]["Mutation"] = _Type("type Mutation", fields={name: change})

    def output(self, subgraph: str, *, composite: bool = False) -> str:
        """Return a type that the subgraph knows."""
        named = [name for name in self.types[subgraph] if name not in {"Query", "Mutation", "Ref"}] + list(self.unions[subgraph])
        if named and (composite or self.chance(50)):
            name = self.random.choice(sorted(named))
            return self.random.choice((name, name, f"[{name}]", f"[{name}!]", f"[[{name}]!]", f"{name}!", f"[{name}!]!"))
        return self.random.choice(LEAVES)

    def known(self, subgraph: str, type_: str) -> bool:
        named = type_.strip("[]!")
        return named in self.types[subgraph] or named in self.unions[subgraph] or named[0] not in "TUVI" or named == "Int"

    def arguments(self) -> str:
        return '(n: Int, s: String = "x")' if self.chance(15) else ""

    def sdl(self, subgraph: str) -> str:
        parts = [type_.text() for type_ in self.types[subgraph].values() if type_.fields]
        parts += [f"union {name} = {' | '.join(members)}\n" for name, members in self.unions[subgraph].items()]
        return "\n".join((LINK, *parts, "enum Color { RED GREEN }\n"))


def random_subgraphs(random: Random) -> dict[str, str]:
    """Return SDLs by name."""
    return _Subgraphs(random).write()


def random_fixture(number: int) -> Fixture | None:
    """Return the supergraph with a number; None when its subgraphs do not compose."""
    sdls = random_subgraphs(Random(f"supergraph {number}"))
    try:
        supergraph = composed(sdls)
    except ValueError:
        return None
    subgraphs = {name: read_subgraph(name, sdl) for name, sdl in sdls.items()}
    return Fixture(f"random-{number}", parse_supergraph(supergraph), subgraphs)
