"""Things that grow together: a disjoint-set forest."""


class Lumps:
    """Numbered things, each at first a lump of its own, that are joined into larger lumps.

    Path halving and union by size (R. E. Tarjan and J. van Leeuwen, 1984, doi:10.1145/62.2160).
    """

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))
        self._size = [1] * count

    def find(self, thing: int) -> int:
        """The thing that stands for the lump in which `thing` lies."""
        parent = self._parent
        while parent[thing] != thing:
            parent[thing] = parent[parent[thing]]
            thing = parent[thing]
        return thing

    def join(self, one: int, other: int) -> int:
        """Join the lumps of two things; what stands for the joined lump comes out."""
        one, other = self.find(one), self.find(other)
        if one == other:
            return one
        if self._size[one] < self._size[other]:
            one, other = other, one
        self._parent[other] = one
        self._size[one] += self._size[other]
        return one
