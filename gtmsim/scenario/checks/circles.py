"""Names that lead back to themselves."""

from collections.abc import Callable, Iterable, Iterator


def circles(names: Iterable[str], after: Callable[[str], str | None]) -> Iterator[list[str]]:
    """Ways from a name back to it, each circle told once.

    Parameters
    ----------
    names
        Where a way may begin.
    after
        What follows a name; None: nothing does.

    Yields
    ------
    list of str
        The name, what follows it, and so on to the name again.
    """
    told: set[frozenset[str]] = set()
    for name in names:
        chain = [name]
        while (following := after(chain[-1])) is not None and following not in chain:
            chain.append(following)
        if following == name and frozenset(chain) not in told:
            told.add(frozenset(chain))
            yield [*chain, name]
