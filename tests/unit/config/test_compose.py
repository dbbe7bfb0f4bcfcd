"""Overrides to jobs, as Hydra would compose them, and every mistake in them told.

One composition takes some 0.1–0.2 s, so tests that can share one do.
"""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from omegaconf import OmegaConf

from embprof.config import folders, sources
from embprof.config.compose import compose
from embprof.config.composition import Composition

ANY_MODEL = {"name", "revision", "path", "weights", "sha256", "architecture"}


def overrides_of(composition: Composition) -> list[tuple[str, ...]]:
    return [job.overrides for job in composition.jobs]


def values(composition: Composition, *keys: str) -> list[tuple[Any, ...]]:
    found = []
    for job in composition.jobs:
        row = []
        for key in keys:
            node: Any = job.config
            for part in key.split("."):
                node = node[part]
            row.append(node)
        found.append(tuple(row))
    return found


def the_one_about(word: str, problems: Sequence[str]) -> str:
    (found,) = (problem for problem in problems if problem.startswith(word))
    return found


@pytest.fixture(scope="module")
def swept() -> Composition:
    return compose(
        [
            *("batch_size=8,16", "device=cpu,cuda:1", "text_length=range(100,301,100)"),
            *("question='why, oh why'", "model=minilm_l6,minilm_l3", "warmup.seconds=0"),
        ],
        multirun=True,
    )


class TestSweeps:
    def test_every_combination_is_a_job_with_the_last_key_changing_fastest(
        self, swept: Composition
    ) -> None:
        expected = itertools.product(
            (8, 16), ("cpu", "cuda:1"), (100, 200, 300), ("MiniLM-L6-v2", "MiniLM-L3-v2")
        )
        found = values(swept, "batch_size", "device", "text_length", "model.name")
        assert [(*row[:3], row[3].split("-", 2)[-1]) for row in found] == list(expected)

    def test_every_job_has_one_override_a_key(self, swept: Composition) -> None:
        assert overrides_of(swept)[1] == (
            *("batch_size=8", "device=cpu", "text_length=100"),
            *("question='why, oh why'", "model=minilm_l3", "warmup.seconds=0"),
        )

    def test_quoted_commas_and_nested_keys_are_no_sweep(self, swept: Composition) -> None:
        assert set(values(swept, "question", "warmup.seconds")) == {("why, oh why", 0)}

    def test_a_sweep_has_no_problems_and_says_that_it_is_one(self, swept: Composition) -> None:
        assert (swept.problems, swept.multirun) == ([], True)

    def test_hydras_own_settings_are_no_part_of_a_job(self, swept: Composition) -> None:
        assert "hydra" not in swept.jobs[0].config


def test_a_job_is_what_hydra_composes_from_the_same_overrides() -> None:
    lines = [
        *("model=bge_base", "model.weights=random", "corpus=claims", "text_length=50"),
        *("+corpus.extra={a: 1}", "~wait_policy", "warmup={seconds: 2}", "device=cuda:3"),
    ]
    sources.register()
    with initialize_config_dir(str(folders.shipped("conf")), version_base="1.3"):
        by_hydra = OmegaConf.to_container(hydra_compose("config", lines), resolve=False)
    (ours,) = compose(lines).jobs
    assert ours.config == by_hydra


def test_without_m_several_values_are_an_error_that_says_so() -> None:
    composition = compose(["batch_size=8,16", "seed=1"])
    assert composition.problems == ["batch_size=8,16: several values are a sweep: add -m"]


@pytest.fixture(scope="module")
def problems() -> list[str]:
    return compose(
        [
            *("bach_size=8", "model.weight=random", "zzz=1", "weights=random", "seed"),
            *("model=minilm_l66", "corpus=syntetic", "measurement=zzz", "backend=7"),
            *("+experiment=quick", "experiment=quik", "hydra/launcher=joblib"),
            *("warmup.secnds=0", "hydra/sweeper=optuna", "batch_size=[8", "seed=1"),
            *("hydra.run.dir=/tmp", "++hydra.sweep.dir=/tmp", "hydra.sweep.subdir=x"),
        ]
    ).problems


class TestMistakes:
    def test_a_typo_in_a_key_names_the_nearest_right_one(self, problems: list[str]) -> None:
        assert the_one_about("bach_size", problems) == (
            "bach_size=8: there is no key bach_size, did you mean batch_size?"
        )

    @pytest.mark.parametrize(
        ("wrong", "right"),
        [("model.weight", "model.weights"), ("warmup.secnds", "warmup.seconds")],
    )
    def test_a_typo_in_a_nested_key_names_the_nearest_right_one(
        self, problems: list[str], wrong: str, right: str
    ) -> None:
        assert the_one_about(wrong, problems).endswith(f"did you mean {right}?")

    def test_a_key_without_its_group_names_the_full_one(self, problems: list[str]) -> None:
        assert the_one_about("weights=", problems).endswith("did you mean model.weights?")

    def test_a_key_of_another_group_or_tool_names_the_one_that_is_meant(self) -> None:
        meant = {
            "batch=8": ", did you mean batch_size?",
            "bs=8": ", did you mean batch_size?",
            "concurrency=4": ", did you mean measurement.concurrency of measurement=closed_loop, "
            "measurement=memory?",
            "corpus.path=x": "; corpus=file has it: corpus=file corpus.path=x",
            "measurement.batch_size=3": ", did you mean batch_size?",
            "num_threads=2": ", did you mean threads?",
            "rate=9": ", did you mean measurement.rate of measurement=open_loop?",
            "runs=3": ", did you mean restarts?",
            "text_len=10": ", did you mean text_length?",
            "workload.rows=9": ", did you mean workload.corpus_size?",
        }
        said = compose(["workload=vector_search", *meant]).problems
        for line, hint in meant.items():
            key = line.partition("=")[0]
            assert the_one_about(line, said) == f"{line}: there is no key {key}{hint}"

    def test_a_key_like_no_other_is_told_without_a_guess(self, problems: list[str]) -> None:
        assert the_one_about("zzz", problems) == "zzz=1: there is no key zzz"

    def test_an_override_that_cannot_be_read_is_told_with_how_to_write_one(
        self, problems: list[str]
    ) -> None:
        for word in ("seed:", "batch_size=[8"):
            assert "overrides look like key=value" in the_one_about(word, problems)

    def test_an_unknown_model_names_the_nearest_and_lists_what_there_is(
        self, problems: list[str]
    ) -> None:
        said = the_one_about("model=", problems)
        assert "did you mean minilm_l6?" in said
        for option in (
            "bge_base",
            "minilm_l3",
            "minilm_l6",
            "mpnet_base",
            "owner/name",
            "./folder",
        ):
            assert option in said

    def test_the_template_for_any_model_is_no_option_to_choose(self, problems: list[str]) -> None:
        assert "any," not in the_one_about("model=", problems)

    def test_an_unknown_option_of_a_group_lists_the_valid_ones(self, problems: list[str]) -> None:
        said = the_one_about("corpus", problems)
        assert said.startswith("corpus=syntetic: there is no such corpus, did you mean synthetic?")
        assert said.endswith("there are claims, evidence, file, synthetic")
        assert "throughput" in the_one_about("measurement", problems)

    def test_an_option_that_is_no_name_lists_the_valid_ones(self, problems: list[str]) -> None:
        assert the_one_about("backend", problems).startswith("backend=7: backend takes one of ")

    def test_an_unknown_scenario_names_the_nearest_and_where_scenarios_lie(
        self, problems: list[str]
    ) -> None:
        said = the_one_about("experiment", problems)
        assert "did you mean quick?" in said
        assert "embedding_service" in said
        assert "experiments/NAME.yaml" in said

    def test_a_plus_before_experiment_is_told_how_to_write_it(self, problems: list[str]) -> None:
        assert the_one_about("+experiment", problems) == (
            "+experiment=quick: write experiment=quick (without the +)"
        )

    @pytest.mark.parametrize("kind", ["launcher", "sweeper"])
    def test_another_launcher_or_sweeper_is_refused(self, problems: list[str], kind: str) -> None:
        assert f"only the basic {kind}" in the_one_about(f"hydra/{kind}", problems)

    @pytest.mark.parametrize("key", ["hydra.run.dir", "++hydra.sweep.dir", "hydra.sweep.subdir"])
    def test_where_runs_lie_is_not_to_be_changed(self, problems: list[str], key: str) -> None:
        assert "runs lie below ./mlruns" in the_one_about(key, problems)

    def test_each_problem_is_told_once_and_none_beside_them(self, problems: list[str]) -> None:
        assert len(problems) == len(set(problems)) == 18


def test_a_setting_of_hydras_own_that_cannot_be_hides_nothing_else() -> None:
    found = compose(["hydra.job.env_set.FOO=bar", "bach_size=8"], multirun=True).problems
    assert len(found) == 2
    assert "hydra.job.env_set.FOO" in found[0]
    assert "did you mean batch_size?" in found[1]


def test_values_may_be_given_by_a_pattern_of_names() -> None:
    composition = compose(["model=glob(minilm_*)"], multirun=True)
    assert composition.problems == []
    assert overrides_of(composition) == [("model=minilm_l3",), ("model=minilm_l6",)]


def test_a_model_may_be_any_hub_name_or_path() -> None:
    names = ["owner/name", "./folder", "/absolute/folder"]
    composition = compose([f"model={','.join(names)}"], multirun=True)
    assert composition.problems == []
    assert values(composition, "model.name") == [(name,) for name in names]
    for job in composition.jobs:
        assert set(job.config["model"]) == ANY_MODEL
        assert job.config["workload"]["model"] == "${model}"


@pytest.mark.parametrize("group", ["model", "cross_encoder"])
@pytest.mark.parametrize("option", ["./{}", "../{}", "/{}", "'~/{}'", "./deeper/{}"])
def test_what_is_written_as_a_path_is_no_option_of_that_name(group: str, option: str) -> None:
    known = {"model": "minilm_l6", "cross_encoder": "nli_minilm_l6"}[group]
    path = option.format(known)
    composition = compose([f"{group}={path}"])
    assert composition.problems == []
    assert values(composition, f"{group}.name") == [(path.strip("'"),)]


def test_a_path_out_of_a_group_leads_to_no_option_of_another() -> None:
    composition = compose(["model=../cross_encoder/nli_minilm_l6"])
    assert values(composition, "model.name") == [("../cross_encoder/nli_minilm_l6",)]


class TestScenarios:
    @pytest.fixture
    def here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        return tmp_path

    def test_a_scenario_sweeps_and_the_command_line_has_the_last_word(self) -> None:
        composition = compose(["experiment=quick", "batch_size=1,2,3", "seed=4,5"])
        assert composition.multirun
        assert values(composition, "batch_size", "seed", "max_seconds") == [
            (batch_size, seed, 3) for batch_size in (1, 2, 3) for seed in (4, 5)
        ]

    def test_a_sweep_in_a_scenario_that_does_not_say_so_is_an_error(self, here: Path) -> None:
        (here / "experiments").mkdir()
        (here / "experiments" / "mine.yaml").write_text(
            "# @package _global_\nhydra:\n  sweeper:\n    params:\n      batch_size: 8,16\n"
        )
        (said,) = compose(["experiment=mine"]).problems
        assert "add hydra.mode: MULTIRUN" in said
        assert compose(["experiment=mine"], multirun=True).problems == []

    @pytest.mark.parametrize("kind", ["launcher", "sweeper"])
    def test_another_launcher_or_sweeper_of_a_scenario_is_refused(
        self, here: Path, kind: str
    ) -> None:
        for group in ("experiments", f"conf/hydra/{kind}"):
            (here / group).mkdir(parents=True)
        (here / "conf" / "hydra" / kind / "mine.yaml").write_text("_target_: mine.Mine\n")
        (here / "experiments" / "mine.yaml").write_text(
            f"# @package _global_\ndefaults:\n  - override /hydra/{kind}: mine\n"
        )
        (said,) = compose(["experiment=mine"]).problems
        assert said.startswith(f"hydra/{kind}=mine: embprof ")
        assert said.endswith(f"only the basic {kind} does that")

    def test_a_scenario_of_the_user_comes_before_ours_of_the_same_name(self, here: Path) -> None:
        folder = here / "experiments"
        folder.mkdir()
        (folder / "quick.yaml").write_text(
            "# @package _global_\nquestion: mine\nbatch_size: 5\ntext_length: 9\n"
        )
        composition = compose(["experiment=quick"])
        assert composition.problems == []
        assert not composition.multirun
        assert values(composition, "question", "batch_size", "text_length") == [("mine", 5, 9)]

    def test_a_conf_folder_of_the_user_comes_before_ours_but_for_the_primary_configuration(
        self, here: Path
    ) -> None:
        for group in ("corpus", "backend"):
            (here / "conf" / group).mkdir(parents=True)
        (here / "conf" / "corpus" / "mine.yaml").write_text(
            "_target_: embprof.corpora.file.File\npath: mine.txt\ncolumn: text\nunit: characters\n"
        )
        (here / "conf" / "config.yaml").write_text("batch_size: 999\n")
        (here / "conf" / "backend" / "torch.yaml").write_text("name: the user's\n")
        composition = compose(["corpus=mine,synthetic"], multirun=True)
        assert composition.problems == []
        assert [job.config["corpus"].get("path") for job in composition.jobs] == ["mine.txt", None]
        assert set(values(composition, "batch_size", "backend.name")) == {(32, "the user's")}

    def test_a_path_in_a_scenario_is_one_where_the_group_takes_paths(self, here: Path) -> None:
        (here / "experiments").mkdir()
        for group, option in (("model", "minilm_l6"), ("corpus", "claims")):
            (here / "experiments" / f"{group}.yaml").write_text(
                f"# @package _global_\ndefaults:\n  - override /{group}: ./{option}\n"
            )
        assert values(compose(["experiment=model"]), "model.name") == [("./minilm_l6",)]
        (said,) = compose(["experiment=corpus"]).problems
        assert said.startswith("corpus=./claims: corpus takes no path; there are claims, ")

    def test_a_scenario_with_a_broken_file_is_told_with_its_name(self, here: Path) -> None:
        (here / "experiments").mkdir()
        (here / "experiments" / "broken.yaml").write_text("question: [unclosed\n")
        composition = compose(["experiment=broken"])
        assert len(composition.problems) == 1
        assert "broken" in composition.problems[0]

    def test_a_scenario_with_an_unknown_key_names_the_nearest(self, here: Path) -> None:
        (here / "experiments").mkdir()
        (here / "experiments" / "mine.yaml").write_text(
            "# @package _global_\nhydra:\n  mode: MULTIRUN\n  sweeper:\n    params:\n"
            "      bach_size: 8,16\n"
        )
        composition = compose(["experiment=mine"])
        assert [problem.partition("there is")[2] for problem in composition.problems] == [
            " no key bach_size, did you mean batch_size?"
        ]


def test_a_key_may_be_added_to_a_plug_in_and_one_may_be_taken_away() -> None:
    composition = compose(["+workload.speed=fast", "~workload.normalize", "+extra=1"])
    (job,) = composition.jobs
    assert composition.problems == []
    assert job.config["workload"]["speed"] == "fast"
    assert "normalize" not in job.config["workload"]
    assert job.config["extra"] == 1


def test_taking_away_a_key_that_is_not_there_is_told() -> None:
    composition = compose(["~bach_size"])
    assert composition.jobs == []
    assert len(composition.problems) == 1
    assert "bach_size" in composition.problems[0]


@pytest.mark.parametrize("key", ["targets", "limits"])
def test_a_target_is_added_with_a_plus_and_an_error_without_says_so(key: str) -> None:
    added = compose([f"+{key}.peak_rss_mb=4000"])
    assert added.problems == []
    assert added.jobs[0].config[key] == {"peak_rss_mb": 4000}
    for line in (f"{key}.peak_rss_mb=4000", f"{key}={{peak_rss_mb: 4000}}"):
        assert compose([line]).problems == [f"{line}: write +{key}.peak_rss_mb=4000"]
    set_before = compose(["measurement=load_time", "targets.total_load_s=9"])
    assert set_before.problems == []
    assert set_before.jobs[0].config["targets"]["total_load_s"] == 9


def test_a_scenario_may_leave_a_group_to_be_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "open.yaml").write_text(
        "# @package _global_\ndefaults:\n  - override /corpus: ???\nquestion: Which?\n"
    )
    (problem,) = compose(["experiment=open"]).problems
    assert problem.startswith("corpus: must be chosen: corpus=one of claims, ")
    swept = compose(["experiment=open", "corpus=claims,synthetic"], multirun=True)
    assert (swept.problems, len(swept.jobs)) == ([], 2)
