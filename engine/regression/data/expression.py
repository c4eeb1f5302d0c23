"""Typed expressions in x: Python's parser makes the tree, and a short list of node types is evaluated.

Nothing is run as code.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from engine.files import quoted
from engine.gaussian import Array

LONGEST = 200  # characters
DEEPEST = 40  # nested nodes
CONSTANTS = {"pi": np.pi, "e": np.e}
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sign": np.sign,
    "tanh": np.tanh,
    "sinc": np.sinc,
    "floor": np.floor,
}
OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.divide,
    ast.Pow: np.float_power,
}
SIGNS: dict[type, Callable[[Any], Any]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
Function = Callable[[Array], Any]


@lru_cache(maxsize=64)
def parsed(text: str) -> Function:
    """Return the function of x (n,) in `text`, for example “sin(2*pi*x)”. Raises ValueError for other text."""
    plain = text.strip().replace("−", "-").replace("^", "**").replace("·", "*").replace("π", "pi")
    if not plain or len(plain) > LONGEST:
        raise ValueError(f"Type a function of x with at most {LONGEST} characters, for example sin(2*pi*x).")
    try:
        tree = ast.parse(plain, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(
            f"“{quoted(text)}” is not a function of x. Write * for times and ^ for powers, for example sin(2*pi*x)."
        ) from None
    return _function(tree.body, DEEPEST)


def evaluated(text: str, x: Array) -> Array:
    """The values (n,) of the expression at x (n,); NaN or infinite where it is undefined."""
    with np.errstate(all="ignore"):
        return np.broadcast_to(np.asarray(parsed(text)(x), float), x.shape).copy()


def _function(node: ast.expr, depth: int) -> Function:
    """The function of a node with at most `depth` levels. Raises ValueError for a node that is not allowed."""
    if depth == 0:
        raise ValueError("This function has too many nested brackets.")
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            value = np.float64(number)
            return lambda _: value
        case ast.Name(id="x"):
            return lambda x: x
        case ast.Name(id=name) if name in CONSTANTS:
            return lambda _: CONSTANTS[name]
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in SIGNS:
            signed, inner = SIGNS[type(sign)], _function(operand, depth - 1)
            return lambda x: signed(inner(x))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            joined, one, other = OPERATORS[type(op)], _function(left, depth - 1), _function(right, depth - 1)
            return lambda x: joined(one(x), other(x))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in FUNCTIONS:
            applied, inner = FUNCTIONS[name], _function(argument, depth - 1)
            return lambda x: applied(inner(x))
    names = ", ".join([*FUNCTIONS, *CONSTANTS])
    raise ValueError(f"“{ast.unparse(node)[:40]}” is not allowed. Use x, numbers, + − * / ^, {names}.")
