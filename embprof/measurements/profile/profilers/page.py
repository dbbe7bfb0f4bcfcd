"""Makes a profile's page work where it is looked at: in a sandboxed frame, with no network.

MLflow shows an artifact in an iframe with ``sandbox="allow-scripts"``. There any touch of
``localStorage`` raises a SecurityError, and a script that keeps its settings in it ends before it
has drawn anything. What is put in its place keeps them until the page is closed, and begins with
all frames unfolded: in a service nearly all time is in libraries, which the page hides by itself.
"""

import re

FONTS = re.compile(r"https://fonts\.googleapis\.com/[^\"'`]*")
NO_STYLE = "data:text/css,"
SHIM = """<script>
for (const name of ["localStorage", "sessionStorage"]) {
  const kept = new Map([["pyinstrument:viewOptionsCallStack", '{"collapseMode":"disabled"}']]);
  const storage = {
    getItem: (key) => (kept.has(String(key)) ? kept.get(String(key)) : null),
    setItem: (key, value) => void kept.set(String(key), String(value)),
    removeItem: (key) => void kept.delete(String(key)),
    clear: () => kept.clear(),
    key: (number) => [...kept.keys()][number] ?? null,
    get length() { return kept.size; },
  };
  Object.defineProperty(window, name, { value: storage });
}
</script>"""


def offline(html: str) -> str:
    """The page with a storage that is always there, and without what it would fetch."""
    begun = re.search(r"<head[^>]*>", html)
    if begun is None:
        raise ValueError("the page has no <head>")
    before, after = html[: begun.end()], html[begun.end() :]
    return FONTS.sub(NO_STYLE, f"{before}\n{SHIM}{after}")
