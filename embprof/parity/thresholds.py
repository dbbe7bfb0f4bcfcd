"""Where rounding ends and a fault begins, as distances of vectors of length 1.

A distance d is a cosine of 1 - d² / 2. What was measured: all-MiniLM-L6-v2 in float32 against the
same otherwise, 104 sentences, CPU; median and largest distance.

| | median | largest |
|---|---|---|
| float32, batches of 32 and of 1 | 0 | 0.0000009 |
| float16 | 0.0012 | 0.0016 |
| bfloat16 | 0.0095 | 0.012 |
| bfloat16, a text alone and in a batch | 0 | 0.0083 |
| vectors stored in 8 bits | 0.0097 | 0.010 |
| weights in 8 bits | 0.026 | 0.033 |
| weights in 6 bits, 4 bits | 0.10, 0.39 | 0.13, 0.44 |
| weights and activations in 8 bits | 0.30 | 0.39 |
| the prompt ``query:`` | 0.24 | 0.67 |
| last token, cls, max in place of mean | 0.56, 0.96, 1.1 | 0.76, 1.1, 1.2 |
"""

ROUNDING = 1e-4
"""A hundred times what batches do to float32, a tenth of what float16 does."""
LOSS = 0.05
"""What is further away is no rounding to 16 bits, nor weights in 8: twice what the latter do."""
MOVED = 0.02
"""A vector that moves so far when it is asked for again, or in company: twice what the company does
in bfloat16."""
SAME = 1e-5
"""Two texts that are the same to a service: vectors of the same tokens are equal bit by bit where
a service is steady; one token of five hundred moves a mean by some 1e-3."""
TELLING = 1e-3
"""Two texts that a service tells apart. What lies between is not counted."""
NOISE_FACTOR = 4.0
"""So many times the largest noise seen of a service that repeats itself counts as the same:
some 20 repeats show nearly the largest, another 500 comparisons a little more."""
UNALIKE = 0.3
"""Two plain probes that are about different things: the closest two of MiniLM's are 0.9 apart, the
texts of BEGINNINGS 0.5 at least."""
EXPLAINED, PARTLY = 0.25, 0.6
"""An explanation leaves no more than this share of a distance: the right one what rounding leaves.
Where other faults leave more it may be so much, if it is CLEARLY better than the next."""
CLEARLY = 0.75
"""The share of what the second best leaves. Of prompts that are all wrong none stands out."""
CHANCE = 4.0
"""Standard errors by which vectors of the same text are nearer than of others: by chance once in
30,000."""
NORM = 0.01
"""How far from 1 a length may be: five times what rounding to bfloat16 does, 2**-9."""
UNLIKE_REST = 4.0
"""How many times further apart than plain texts others must be to count as a fault of their own."""
