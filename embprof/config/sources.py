"""Where configuration is found: ours, the user's, and names that need no file.

Hydra asks its search path for ``group/option``. Three kinds of place answer:

- ``conf/`` of the repository, or the copy inside the wheel, holds the groups and the primary
  config; installed packages that have an entry point ``embprof.conf`` add options to the groups,
  and so does a folder ``conf/`` where the user stands, which comes before all others. Neither
  replaces ``config.yaml``;
- ``experiment=NAME`` is answered from ``./experiments/NAME.yaml`` where the user stands, then from
  the scenarios that come with embprof;
- ``model=`` and ``cross_encoder=`` take, beside the options of the group, any hub name with an
  owner (``owner/name``) and any path: an option is made up for it on the spot. What begins like a
  path (``./minilm_l6``) is one, whatever options there are, so this is looked at first; what may be
  either (``team/small``) is an option if there is such a one.
"""

from pathlib import Path

from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra.core.config_search_path import ConfigSearchPath, SearchPathQuery
from hydra.core.object_type import ObjectType
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigResult, ConfigSource
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import OmegaConf

from embprof.config import options, yaml_files
from embprof.config.folders import conf_folders, experiment_folders, shipped


def names_a_path(option: str) -> bool:
    """Whether an option is written as a path and can be nothing else."""
    return option.startswith((".", "/", "~"))


def names_a_model(option: str) -> bool:
    """Whether ``model=option`` is a hub name or a path rather than an option of the group."""
    return "/" in option or names_a_path(option)


class MappingSource(FileConfigSource):
    """A folder of files that each hold a mapping; Hydra itself takes lists, and fails later."""

    def load_config(self, config_path: str) -> ConfigResult:
        file = Path(self.path) / self._normalize_file_name(config_path)
        if file.exists() and not config_path.startswith("hydra/"):  # where nothing is an option
            yaml_files.mapping(file)
        return super().load_config(config_path)


class OptionSource(MappingSource):
    """Answers ``group/option`` from a folder; what lies in the folder itself is none of it."""

    @staticmethod
    def scheme() -> str:
        return "options"

    def is_config(self, config_path: str) -> bool:
        return "/" in config_path and super().is_config(config_path)

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        if config_path == "" and results_filter == ObjectType.CONFIG:
            return []
        wanted = ObjectType.GROUP if config_path == "" else results_filter
        return super().list(config_path, wanted) if self.is_group(config_path) else []


class ScenarioSource(MappingSource):
    """Answers the group ``experiment`` from a folder of scenarios."""

    GROUP = "experiment"

    @staticmethod
    def scheme() -> str:
        return "scenarios"

    def load_config(self, config_path: str) -> ConfigResult:
        return super().load_config(self._inside(config_path) or "")

    def is_group(self, config_path: str) -> bool:
        inside = self._inside(config_path)
        return config_path == "" or (inside is not None and super().is_group(inside))

    def is_config(self, config_path: str) -> bool:
        inside = self._inside(config_path)
        return bool(inside) and super().is_config(str(inside))

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        if config_path == "":
            return [self.GROUP] if results_filter in (None, ObjectType.GROUP) else []
        folder = Path(self.path) / (self._inside(config_path) or "")
        if results_filter == ObjectType.GROUP:
            return []
        return sorted(file.stem for file in folder.glob("*.yaml") if file.is_file())

    def _inside(self, config_path: str) -> str | None:
        """The path below the folder for a path below the group; None for other groups."""
        if config_path == self.GROUP:
            return ""
        prefix = f"{self.GROUP}/"
        return config_path[len(prefix) :] if config_path.startswith(prefix) else None


class AnyModelSource(ConfigSource):
    """Answers ``model/<hub name or path>`` with an option made for that name."""

    @staticmethod
    def scheme() -> str:
        return "anymodel"

    def load_config(self, config_path: str) -> ConfigResult:
        group, _, name = config_path.removesuffix(".yaml").partition("/")
        option = OmegaConf.load(shipped("conf") / group / f"{options.TEMPLATE}.yaml")
        option.name = name
        return ConfigResult(
            provider=self.provider,
            path=f"{self.scheme()}://",
            config=option,
            header={"package": None},
        )

    def is_group(self, config_path: str) -> bool:
        return config_path == ""

    def is_config(self, config_path: str) -> bool:
        group, _, name = config_path.partition("/")
        return group in options.OF_MODELS and names_a_model(name)

    def available(self) -> bool:
        return True

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        return []


class AnyPathSource(AnyModelSource):
    """The same for what can only be a path, ahead of all options of the group."""

    @staticmethod
    def scheme() -> str:
        return "anypath"

    def is_config(self, config_path: str) -> bool:
        return super().is_config(config_path) and names_a_path(config_path.partition("/")[2])


class SearchPath(SearchPathPlugin):
    """Adds the places above to Hydra's search path, options of others before our own."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        for folder in reversed(conf_folders()):
            if folder != shipped("conf").resolve():
                place = f"{OptionSource.scheme()}://{folder}"
                search_path.prepend("embprof", place, SearchPathQuery("main", None))
        paths = f"{AnyPathSource.scheme()}://"
        search_path.prepend("embprof", paths)
        for folder in experiment_folders():
            search_path.append("embprof", f"{ScenarioSource.scheme()}://{folder}")
        search_path.append("embprof", f"{AnyModelSource.scheme()}://")


def register() -> None:
    """Makes Hydra know the sources above; safe to call again."""
    plugins = Plugins.instance()
    for plugin in (OptionSource, ScenarioSource, AnyModelSource, AnyPathSource, SearchPath):
        plugins.register(plugin)
