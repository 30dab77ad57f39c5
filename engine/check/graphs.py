"""Circles and longest ways in graphs of anything."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeVar

N = TypeVar("N", bound=Hashable)


def circles(nodes: Iterable[N], after: Callable[[N], Iterable[N]]) -> list[list[N]]:
    """One circle for each knot of nodes that lead to each other, or to themselves. Nodes are taken in their order."""
    order: dict[N, int] = {}
    low: dict[N, int] = {}
    stack: list[N] = []
    found: list[list[N]] = []

    for root in nodes:
        if root in order:
            continue
        work = [(root, iter(list(after(root))))]
        order[root] = low[root] = len(order)
        stack.append(root)
        while work:
            node, rest = work[-1]
            child = next(rest, None)
            if child is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    knot = stack[stack.index(node) :]
                    del stack[stack.index(node) :]
                    for one in knot:
                        low[one] = len(order) + len(knot) + 10**9
                    if len(knot) > 1 or node in after(node):
                        found.append(knot)
            elif child not in order:
                order[child] = low[child] = len(order)
                stack.append(child)
                work.append((child, iter(list(after(child)))))
            else:
                low[node] = min(low[node], order[child] if child in stack else low[node])
    return found


def longest(nodes: Iterable[N], after: Callable[[N], Iterable[N]], weight: Mapping[N, int]) -> int:
    """The heaviest way through a graph without circles; nodes of a circle count once."""
    best: dict[N, int] = {}
    for root in nodes:
        work: list[tuple[N, list[N]]] = [(root, list(after(root)))]
        under = {root}
        while work:
            node, rest = work[-1]
            child = rest.pop() if rest else None
            if child is None:
                work.pop()
                under.discard(node)
                best[node] = weight.get(node, 0) + max((best.get(one, 0) for one in after(node)), default=0)
            elif child not in best and child not in under:
                under.add(child)
                work.append((child, list(after(child))))
    return max(best.values(), default=0)
