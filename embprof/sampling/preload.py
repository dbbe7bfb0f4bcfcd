"""What the fork server imports, once a sweep, so that no worker waits 5–13 s for it.

It only imports; why, :mod:`embprof.sampling.roles` says.
"""

import transformers.models.bert.modeling_bert
import transformers.models.bert.tokenization_bert
import transformers.models.mpnet.modeling_mpnet  # noqa: F401

import embprof.models.cross_encoder
import embprof.models.encoder
import embprof.sampling.worker  # noqa: F401
