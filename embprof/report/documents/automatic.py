"""The report that every sweep leaves beside its runs; it never costs one of them."""

from collections.abc import Callable

from embprof.errors import EmbprofError
from embprof.report.documents.contents import contents
from embprof.report.documents.writing import write
from embprof.report.studies import of_found
from embprof.tracking.finding import find
from embprof.tracking.places import Places
from embprof.tracking.sweep_folder import REPORT, SweepFolder
from embprof.units import utc_now


def report_of_sweep(sweep: SweepFolder, *, say: Callable[[str], None]) -> None:
    """Writes the report into the sweep's folder, or says in a line why there is none.

    A sweep of which no run ended well has none: its table says all there is.
    """
    try:
        found = find(str(sweep.path), Places(root=sweep.path.parent.parent))
        study = of_found(found.name, [found])
        if study.answers:
            write(contents(study), sweep.path / REPORT, utc_now()[:19].replace("T", " "))
    except EmbprofError as error:
        say(f"no report: {error}")
    except KeyboardInterrupt:
        say("no report: interrupted")
    except Exception as error:  # noqa: BLE001  (the runs are measured and kept: nothing may cost them)
        say(f"no report: {type(error).__name__}: {error}")
