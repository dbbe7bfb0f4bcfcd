"""What a user may write for a server's address, and where it leads."""

import pytest

from embprof.workloads.http.protocols.address import addresses, problems

OPENAI, TEI, OLLAMA = "/v1/embeddings", "/embed", "/api/embed"


@pytest.mark.parametrize(
    ("url", "path", "asked"),
    [
        ("http://host:8080", OPENAI, "http://host:8080/v1/embeddings"),
        ("http://host:8080/", OPENAI, "http://host:8080/v1/embeddings"),
        ("http://host:8080/v1", OPENAI, "http://host:8080/v1/embeddings"),
        ("http://host:8080/v1/", OPENAI, "http://host:8080/v1/embeddings"),
        ("http://host:8080/v1/embeddings", OPENAI, "http://host:8080/v1/embeddings"),
        ("https://host/gateway", OPENAI, "https://host:443/gateway/v1/embeddings"),
        ("https://host/gateway/v1", OPENAI, "https://host:443/gateway/v1/embeddings"),
        ("http://host", TEI, "http://host:80/embed"),
        ("http://host/embed", TEI, "http://host:80/embed"),
        ("http://[::1]:90", TEI, "http://[::1]:90/embed"),
        ("http://host/v1?api-version=3", OPENAI, "http://host:80/v1/embeddings?api-version=3"),
        ("http://host/embeddings", OPENAI, "http://host:80/embeddings"),
        (
            "https://az/deployments/N/embeddings?v=1",
            OPENAI,
            "https://az:443/deployments/N/embeddings?v=1",
        ),
        ("https://host/gateway/embeddings/", OPENAI, "https://host:443/gateway/embeddings"),
        ("http://host", OLLAMA, "http://host:80/api/embed"),
        ("http://host/api", OLLAMA, "http://host:80/api/embed"),
    ],
)
def test_an_address_may_be_given_with_or_without_the_protocols_path(
    url: str, path: str, asked: str
) -> None:
    assert list(problems(url)) == []
    found = addresses(url, path)[0]
    assert found.url == asked
    assert found.target == asked.partition("//")[2].partition("/")[2].join(["/", ""])
    assert found.is_secure == asked.startswith("https")


@pytest.mark.parametrize(
    ("url", "path", "then"),
    [
        ("http://host", OPENAI, ["http://host:80/embeddings"]),
        ("https://az/deployments/N?v=1", OPENAI, ["https://az:443/deployments/N/embeddings?v=1"]),
        ("http://host/v1", OPENAI, []),
        ("http://gate/embeddings", OPENAI, ["http://gate:80/embeddings/v1/embeddings"]),
        ("http://host/v1/embeddings", OPENAI, []),
        ("http://host", TEI, []),
    ],
)
def test_a_mere_base_is_completed_by_the_last_step_where_the_whole_path_is_not_there(
    url: str, path: str, then: list[str]
) -> None:
    assert [one.url for one in addresses(url, path)[1:]] == then


@pytest.mark.parametrize("url", ["host:8080", "ftp://host", "http://", "http://host:0", "/embed"])
def test_what_is_no_address_is_said(url: str) -> None:
    assert list(problems(url)) == ["must be http://host:port or https://host"]


def test_a_port_that_is_no_number_is_said() -> None:
    (problem,) = problems("http://host:eighty")
    assert problem.startswith("is no URL:")


@pytest.mark.parametrize("url", ["http://me:pw@host", "http://me@host", "http://host?API_KEY=x"])
def test_secrets_may_not_be_in_it_because_it_is_stored(url: str) -> None:
    (problem,) = problems(url)
    assert "stored with every run" in problem
    assert "environment variable" in problem
    assert "pw" not in problem
