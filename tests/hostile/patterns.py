"""Finds every regular expression of the project, and near-misses made from each one's own parts to try it with."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

from pipelines.credentials import Credential
from spiders.news import News

PACKAGES = ("archive", "pipelines", "spiders")
# How a pattern may be used; what is only matched at the beginning can't be slow at every place.
_USES = {
    "match": "match", "fullmatch": "fullmatch", "search": "finditer", "sub": "finditer", "subn": "finditer",
    "finditer": "finditer", "findall": "finditer", "split": "finditer", "compile": "finditer",
    "re": "finditer", "re_first": "finditer",
}  # fmt: skip
_CHARACTERS = " a1A-\n.,/\"'<&;=:\u00a0_("


@dataclass
class Found:
    """A pattern, where it stands, and by which methods it is used."""

    place: str
    pattern: re.Pattern[Any]
    uses: set[str] = field(default_factory=set)


def all_patterns() -> list[Found]:
    """Return the patterns in the globals and classes of all modules, and those written where they are used.

    Raises AssertionError for one that can't be worked out without running the function it stands in.
    """
    found: dict[tuple[Any, int], Found] = {}
    modules = list(_modules())
    uses = _uses_of_globals(modules)
    for module in modules:
        held = [*_held(module), *_written_in_functions(module)]
        for name, pattern, used in held:
            if not isinstance(pattern, re.Pattern):
                continue
            one = found.setdefault((pattern.pattern, pattern.flags), Found(f"{module.__name__}.{name}", pattern))
            one.uses |= used or uses.get(id(pattern), set()) or {"finditer"}
    return list(found.values())


@cache
def made_as_it_runs() -> dict[str, list[re.Pattern[Any]]]:
    """Return, for each module that makes patterns of what it is told, such patterns."""
    key = Credential("api_key", "Ab3-defg/hIJK=lm.NO")
    terms = News(terms=["Palantir", "license plate"], outlets=[]).terms
    assert terms is not None
    return {
        "archive.store.segment": [re.compile(r"a-run-([0-9]{5,9})\.warc\.gz")],
        "pipelines.credentials": [
            spelling.search.__self__  # type: ignore[attr-defined]
            for spelling in key._spellings
        ],
        "spiders.news": [terms],
    }


def _modules() -> Iterator[ModuleType]:
    for name in PACKAGES:
        package = importlib.import_module(name)
        yield package
        for info in pkgutil.walk_packages(package.__path__, f"{name}."):
            yield importlib.import_module(info.name)


def _held(module: ModuleType) -> Iterator[tuple[str, Any, set[str]]]:
    for name, value in list(vars(module).items()):
        if inspect.isclass(value) and value.__module__ == module.__name__:
            for inner, held in vars(value).items():
                yield from ((inner, one, set()) for one in _patterns_in(held))
        else:
            yield from ((name, one, set()) for one in _patterns_in(value))


def _patterns_in(value: Any, depth: int = 0) -> Iterator[Any]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 5 and isinstance(value, dict):
        for inner in (*value.keys(), *value.values()):
            yield from _patterns_in(inner, depth + 1)
    elif depth < 5 and isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from _patterns_in(inner, depth + 1)
    elif depth < 5 and hasattr(type(value), "__dataclass_fields__"):
        for inner in type(value).__dataclass_fields__:
            yield from _patterns_in(getattr(value, inner, None), depth + 1)


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _calls(module: ModuleType) -> Iterator[tuple[ast.Call, ast.Attribute]]:
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _USES:
            yield node, node.func


def _uses_of_globals(modules: list[ModuleType]) -> dict[int, set[str]]:
    """Return the methods by which the patterns in globals are used, each by the identity of the pattern."""
    uses: dict[int, set[str]] = {}
    for module in modules:
        nodes = list(ast.walk(_tree(module)))
        # NAME.fullmatch, called or handed on; NAME.pattern is no use; a bare NAME may be used in any way.
        methods = {id(node.value): _USES.get(node.attr, "") for node in nodes if isinstance(node, ast.Attribute)}
        for node in nodes:
            used = methods.get(id(node), "finditer")
            if used and isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                uses.setdefault(id(vars(module).get(node.id)), set()).add(used)
    return uses


def _written_in_functions(module: ModuleType) -> Iterator[tuple[str, Any, set[str]]]:
    for call, function in _calls(module):
        is_re = isinstance(function.value, ast.Name) and function.value.id == "re"
        if not (is_re or (function.attr in ("re", "re_first") and call.args)):
            continue
        if function.attr == "compile" and _is_global(call, module):
            continue  # its result is in the globals
        # Named arguments, as in re.sub(pattern, "", text, flags=re.IGNORECASE).
        flags = next((word.value for word in call.keywords if word.arg == "flags"), None)
        place = {"compile": 1, "match": 2, "search": 2, "fullmatch": 2, "findall": 2, "finditer": 2}.get(function.attr)
        if flags is None and place is not None and len(call.args) > place:
            flags = call.args[place]
        try:
            pattern = _value(call.args[0], module)
            pattern = (
                pattern
                if isinstance(pattern, re.Pattern)
                else re.compile(pattern, _value(flags, module) if flags is not None else 0)
            )
        except NameError:
            made = made_as_it_runs().get(module.__name__)
            if made is None:
                where = f"{module.__name__}, line {call.lineno}"
                raise AssertionError(f"{where}: a pattern that can't be worked out") from None
            yield from ((f"line {call.lineno}", one, {"finditer"}) for one in made)
            continue
        yield f"line {call.lineno}", pattern, {_USES[function.attr]}


def _value(node: ast.expr, module: ModuleType) -> Any:
    return eval(compile(ast.Expression(node), "a pattern", "eval"), vars(module))


def _is_global(call: ast.Call, module: ModuleType) -> bool:
    functions = [node for node in ast.walk(_tree(module)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return not any(inner is call for one in functions for inner in ast.walk(one))


def near_misses(pattern: re.Pattern[Any]) -> list[tuple[str, str]]:
    """Return pairs of a beginning and a part to repeat, made of the pattern's own parts.

    For each repetition in it: what leads up to it, then one more round after the other; and what leads up to it,
    again and again ("PIA-PIA-PIA-"), also with one round each.
    """
    source = pattern.pattern.decode("latin-1") if isinstance(pattern.pattern, bytes) else pattern.pattern
    tree = sre_parser.parse(
        source, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    )
    made: dict[tuple[str, str], None] = {}
    for before, rounds in _repetitions(list(tree), ""):
        for one in rounds:
            made[before, one] = None
            made["", before + one] = None
            made["", before + one * 3] = None
        made["", before or rounds[0]] = None
    whole = _sample(list(tree))
    for cut in range(1, min(len(whole), 40) + 1):
        made["", whole[:cut]] = None
    for sign in _CHARACTERS:
        made["", sign] = None
    return [pair for pair in made if pair[1]]


_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)


def _repetitions(nodes: list[Any], before: str) -> Iterator[tuple[str, list[str]]]:
    """Walk the tree; yield for each repetition an example of what leads up to it and examples of a round."""
    for kind, value in nodes:
        for inner in _inner(kind, value):
            yield from _repetitions(inner, before)
        if kind in _REPEATS:
            _, most, body = value
            if most == sre.MAXREPEAT or most > 8:
                yield before, _rounds(list(body))
        before += _sample([(kind, value)])


def _inner(kind: Any, value: Any) -> list[list[Any]]:
    if kind in _REPEATS:
        return [list(value[2])]
    if kind is sre.BRANCH:
        return [list(branch) for branch in value[1]]
    if kind is sre.SUBPATTERN:
        return [list(value[3])]
    if kind in (sre.ATOMIC_GROUP,):
        return [list(value)]
    if kind in (sre.ASSERT, sre.ASSERT_NOT):
        return [list(value[1])]
    return []


def _rounds(body: list[Any]) -> list[str]:
    if len(body) == 1 and body[0][0] in (sre.IN, sre.ANY, sre.NOT_LITERAL, sre.LITERAL):
        fit = [sign for sign in _CHARACTERS if _fits(body[0], sign)]
        return [*fit[:6], _sample(body)]
    rounds = [_sample(body)]
    for kind, value in body:
        branches = value[1] if kind is sre.BRANCH else [i for inner in _inner(kind, value) for i in [inner]]
        rounds += [_sample(list(branch)) for branch in branches]
        if kind in (sre.IN, sre.ANY, sre.NOT_LITERAL):
            rounds += [sign for sign in _CHARACTERS if _fits((kind, value), sign)][:4]
    return list(dict.fromkeys(one for one in rounds if one)) or ["a"]


def _sample(nodes: list[Any]) -> str:
    """Return a text that the nodes match, as nearly as can be told without their assertions."""
    return "".join(_one(kind, value) for kind, value in nodes)


def _one(kind: Any, value: Any) -> str:  # noqa: PLR0911 (one for each kind)
    if kind is sre.LITERAL:
        return chr(value)
    if kind in (sre.IN, sre.ANY, sre.NOT_LITERAL):
        fit = (sign for sign in "a1 A-" + _CHARACTERS if _fits((kind, value), sign))
        return str(next(fit, "") or _first_of(value))
    if kind is sre.BRANCH:
        return _sample(list(value[1][0]))
    if kind is sre.SUBPATTERN:
        return _sample(list(value[3]))
    if kind is sre.ATOMIC_GROUP:
        return _sample(list(value))
    if kind in _REPEATS:
        least, most, body = value
        return str(_sample(list(body)) * max(least, 1 if most else 0))
    return ""


def _first_of(value: Any) -> str:
    for kind, inner in value if isinstance(value, list) else []:
        if kind is sre.LITERAL:
            return chr(inner)
        if kind is sre.RANGE:
            return chr(inner[0])
    return "\u2603"


def _fits(node: tuple[Any, Any], sign: str) -> bool:
    kind, value = node
    if kind is sre.ANY:
        return sign != "\n"
    if kind is sre.LITERAL:
        return bool(ord(sign) == value)
    if kind is sre.NOT_LITERAL:
        return bool(ord(sign) != value)
    negated = value[0][0] is sre.NEGATE
    return bool(any(_in_class(part, sign) for part in value) != negated)


_CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d", sre.CATEGORY_NOT_DIGIT: r"\D", sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S", sre.CATEGORY_WORD: r"\w", sre.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def _in_class(part: tuple[Any, Any], sign: str) -> bool:
    kind, value = part
    if kind is sre.LITERAL:
        return bool(ord(sign) == value)
    if kind is sre.RANGE:
        return bool(value[0] <= ord(sign) <= value[1])
    return kind is sre.CATEGORY and re.match(_CATEGORIES[value], sign) is not None
