"""The memory that the caches of the latent page may use together, and the share of each, in bytes.

The decoded outputs of a lattice are the largest: a lattice keeps those of a part of its nodes, and LATTICES lattices
stay. A cache whose entries have about one size holds as many as fit into its share.
"""

from __future__ import annotations

BUDGET = 350 << 20  # bytes of all caches of the latent page
LATTICES = 2  # that stay, so that two models can be compared
KEPT_NODES = 0.4  # the part of all nodes of a lattice whose outputs are kept for several images
SHARES = {"lattices": 0.586, "densities": 0.229, "comparisons of q": 0.139, "tiles of the plane": 0.046}
COMPARISON = 3 << 19  # bytes of one comparison of q at stride 1, 1.5 MB


def share(cache: str) -> int:
    """Return the bytes of a cache. Raises KeyError for a cache without a share."""
    return int(BUDGET * SHARES[cache])


OUTPUTS = int(
    share("lattices") / (LATTICES * KEPT_NODES)
)  # bytes at all nodes of a lattice; it is coarser if necessary
