"""What is taken out of texts, lines and configurations, and what stays readable."""

from pathlib import Path

import pytest

from embprof import masking
from embprof.masking import is_secret, learn, mask_file, masked, masked_override, masked_text

PW = "hunter2-geheim"


@pytest.fixture(autouse=True)
def _nothing_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "_learnt", set())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"http://ann:{PW}@host:5000/x", "http://ann:***@host:5000/x"),
        (f"postgresql+psycopg2://ann:{PW}@h:1/db", "postgresql+psycopg2://ann:***@h:1/db"),
        ("mysql+pymysql://ann:a@b/c@h/db", "mysql+pymysql://ann:***@h/db"),
        (f"redis://:{PW}@h:6379/0", "redis://:***@h:6379/0"),
        ("https://ghp_1234567@host/x", "https://***@host/x"),
        ("http://host:8080/path?mail=a@b", "http://host:8080/path?mail=a@b"),
        ("postgresql://ann@h/db?sslmode=require", "postgresql://ann@h/db?sslmode=require"),
        (f"http://h/x?a=1&token={PW}&b=2", "http://h/x?a=1&token=***&b=2"),
        (f"http://h/x?key={PW}&sig={PW}", "http://h/x?key=***&sig=***"),
        ("http://h/#/runs?viewStateShareKey=mine", "http://h/#/runs?viewStateShareKey=mine"),
        (f"http://h/x?X-Amz-Signature={PW}#end", "http://h/x?X-Amz-Signature=***#end"),
        (f"host=h user=ann password={PW} dbname=d", "host=h user=ann password=*** dbname=d"),
        ("host=h password = 'two words' dbname=d", "host=h password = '***' dbname=d"),
        (f"Server=h;UID=ann;PWD={PW};Database=d", "Server=h;UID=ann;PWD=***;Database=d"),
        (f"Authorization: Bearer {PW}", "Authorization: ***"),
        (f"{{'Authorization': 'Bearer {PW}', 'a': 1}}", "{'Authorization': '***', 'a': 1}"),
        (f'{{"x-api-key": "{PW}", "user": "ann"}}', '{"x-api-key": "***", "user": "ann"}'),
        (f"GET / with Basic {PW}", "GET / with Basic ***"),
        (f"connect(user='ann', passwd='{PW}')", "connect(user='ann', passwd='***')"),
        (f"{{user: ann, password: {PW}}}", "{user: ann, password: ***}"),
    ],
)
def test_a_secret_is_masked_and_the_rest_stays(text: str, shown: str) -> None:
    assert masked_text(text) == shown
    assert masked_text(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "overrides are key=value, or key=a,b",
        "corpus.unit=tokens model.max_tokens=512",
        "workload.api_key_env=MY_KEY: there is no such environment variable",
        "only the basic launcher does that",
        "KeyError: 'name'",
        "throughput_tokens_per_s: 12.5",
        "sqlite:////work/mlruns/mlflow.db",
        "http://127.0.0.1:5000/#/experiments/1/runs",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert masked_text(text) == text


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("+workload.password=abc", "+workload.password=***"),
        ("+workload.arguments.key=a,b", "+workload.arguments.key=***"),
        ("+workload.arguments.apiKey=abc", "+workload.arguments.apiKey=***"),
        ("++workload.url=http://h/?token=abc", "++workload.url=http://h/?token=***"),
        ("+workload.headers_env.X-Api-Key=MY_KEY", "+workload.headers_env.X-Api-Key=MY_KEY"),
        ("+workload.headers_env={X-Api-Key: MY}", "+workload.headers_env={X-Api-Key: MY}"),
        ("workload.api_key_env=MY_KEY", "workload.api_key_env=MY_KEY"),
        ("batch_size=1,2", "batch_size=1,2"),
        ("~truncation", "~truncation"),
    ],
)
def test_an_override_is_masked_by_its_key(line: str, shown: str) -> None:
    assert masked_override(line) == shown


def test_a_configuration_is_masked_at_any_depth() -> None:
    content = {
        "user": "ann",
        "password": 123456,
        "api_keys": ["a", "b"],
        "auth": {"kind": "x"},
        "max_tokens": 512,
        "headers_env": {"Authorization": "MY_VARIABLE"},
        "token": None,
        "secret": "${oc.env:MINE}",
        "servers": [{"url": "http://a:b@c"}],
    }
    assert masked(content) == {
        **content,
        "password": "***",
        "api_keys": ["***", "***"],
        "auth": {"kind": "***"},
        "servers": [{"url": "http://a:***@c"}],
    }


def test_secret_variables_are_known_by_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN", "tok/en-12345")
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:in%21url@h/db")
    monkeypatch.setenv("PWD", "/work/place")
    assert masked_text("it was tok/en-12345 (tok%2Fen-12345)") == "it was *** (***)"
    assert masked_text("in!url in%21url, /work/place") == "*** ***, /work/place"


def test_what_was_typed_is_known_wherever_it_turns_up() -> None:
    learn([f"+workload.password='{PW}'", "batch_size=333333"])
    assert masked_text(f"ValueError: {PW} of 333333") == "ValueError: *** of 333333"


def test_names_say_what_they_hold() -> None:
    for name in ("PGPASSWORD", "MLFLOW_TRACKING_TOKEN", "clientSecret", "key", "x-signature"):
        assert is_secret(name), name
    for name in ("tokens", "monkey", "author", "design", "SSH_AUTH_SOCK", "key_count", "name"):
        assert not is_secret(name), name


def test_a_log_is_rewritten_where_it_has_a_secret(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_bytes(b"one\r\n\xff password=abcdef\r\n")
    mask_file(log)
    assert log.read_bytes() == b"one\r\n\xff password=***\r\n"
    assert list(tmp_path.iterdir()) == [log]


def test_a_page_keeps_its_own_words_and_loses_what_is_known_to_be_secret(tmp_path: Path) -> None:
    learn([f"+workload.password='{PW}'"])
    page = tmp_path / "profile.html"
    page.write_text(f"<script>let token = next(); const key: string = f({PW});</script>")
    mask_file(page, by_value_alone=True)
    assert page.read_text() == "<script>let token = next(); const key: string = f(***);</script>"


def test_a_line_of_a_megabyte_is_read_through() -> None:
    text = "abc_key" * 100_000 + "://" + "a" * 500_000
    assert masked_text(text).startswith("abc_key")
