"""Tell an answer that has not been started from one that is wrong."""

from __future__ import annotations

import ast
import dis
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

_EMPTY = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "POP_TOP"}


class Stub(NamedTuple):
    """An answer with something left to do; `is_certain` means: no need to run it."""

    note: str
    is_certain: bool = True


def find_stub(answer: Any, solution: Any) -> Stub | None:
    """Return what is left to do in `answer`, or None if it has been attempted.

    A function is a stub when its body is empty (docstring, `...` or `pass`) or when
    a `...` stands for a value in it; a class when one of its methods is; a value when
    it is None or has an Ellipsis in it.
    """
    if inspect.isclass(answer):
        for name, method in _methods(answer):
            twin = dict(_methods(solution)).get(name) if solution else None
            stub = find_stub(method, None)
            if stub and not (twin and find_stub(twin, None)):
                return Stub(f"`{name}` waits for your code", stub.is_certain)
        return None
    function = inspect.unwrap(answer) if callable(answer) else None
    if inspect.isfunction(function):
        return _function_stub(function)
    if answer is None or _has_ellipsis(answer):
        return Stub("Put your answer in the cell above this line and run it")
    return None


def _function_stub(function: Any) -> Stub | None:
    if _is_empty(function.__code__):
        return Stub("Write your code in the place of `...` and run the cell")
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):  # no source here: the bytecode decided
        return None
    if not tree.body or not isinstance(tree.body[0], ast.FunctionDef):
        return None  # a lambda, with the rest of its line
    if any(_ellipses(node) for node in tree.body[0].body):
        return Stub("A `...` still waits for your code")
    if any(_is_bare(node) for node in ast.walk(tree.body[0])):
        return Stub("A line with `...` still waits for your code: replace it", False)
    return None


def _is_empty(code: Any) -> bool:
    """Return whether the code does nothing but return None or an Ellipsis."""
    return all(
        step.opname in _EMPTY
        and ("CONST" not in step.opname or step.argval in (None, ...))
        for step in dis.get_instructions(code)
    )


def _is_bare(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and _is_ellipsis(node.value)


def _is_ellipsis(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _ellipses(node: ast.AST) -> bool:
    """Return whether `...` stands for a value; in `x[..., 0]` it has a meaning."""
    if _is_bare(node):
        return False
    if isinstance(node, ast.Subscript):
        return _ellipses(node.value)
    return _is_ellipsis(node) or any(map(_ellipses, ast.iter_child_nodes(node)))


def _methods(answer: Any) -> Iterator[tuple[str, Any]]:
    for name, member in vars(answer).items():
        function = getattr(member, "fget", None) or getattr(member, "__func__", member)
        if inspect.isfunction(function):
            yield name, function


def _has_ellipsis(value: Any) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return any(map(_has_ellipsis, value))
    return value is ...
