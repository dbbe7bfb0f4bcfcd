"""What the quantities and figures of compared answers are called."""

COSINE, NEAREST, TOP, RANKS = "cosine", "nearest_kept", "top10_kept", "rank_correlation"
NEAREST_KEPT, TOP_KEPT = f"{NEAREST}_percent", f"{TOP}_percent"

OF_ODD = "probes_"
"""What the names of readings of odd texts begin with: one for each kind."""
ODD_LEAST = f"{OF_ODD}{COSINE}_min"
"""The least cosine of all odd texts."""

NDCG, RECALL = "ndcg10", "recall10"
OF_REFERENCE, LOSS = "reference_", "_loss"
