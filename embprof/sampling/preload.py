"""What the fork server imports, once a sweep, so that no worker waits 5–13 s for it.

It only imports: a server that had run inference, started a thread pool or touched CUDA would hand
its children locks that nobody holds, and they would hang.
"""

import transformers.models.bert.modeling_bert
import transformers.models.bert.tokenization_bert
import transformers.models.mpnet.modeling_mpnet  # noqa: F401

import embprof.models.cross_encoder
import embprof.models.encoder
import embprof.sampling.worker  # noqa: F401
