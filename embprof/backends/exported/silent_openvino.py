"""``import openvino`` without a report of it to its makers.

openvino sends an event over the network when it is imported, by the package ``openvino_telemetry``,
and so does nncf when it is called. Both do without where they cannot import that package.
"""

import sys

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # makes its import an error

import openvino  # noqa: E402  (after what it would import)

__all__ = ["openvino"]
