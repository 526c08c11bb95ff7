"""The folder of rule files, which follows what is put in force: all of its changes, or none."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from callout.domain.errors import CalloutError
from callout.rulebook.reading import read_files


@dataclass(slots=True)
class RulesFolder:
    """The folder and the changes that wait beside its files."""

    path: Path
    _written: dict[Path, Path] = field(default_factory=dict)
    _gone: list[Path] = field(default_factory=list)

    @contextmanager
    def ready(self, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator["RulesFolder"]:
        """Writes everything that `after` changes beside the files; `replace` then only renames. Nothing for no `after`.

        Raises CalloutError where the folder does not say what is in force, and where it cannot be written.
        """
        try:
            if after:
                self._prepare(before, after)
            yield self
        finally:
            for part in self._written:
                part.unlink(missing_ok=True)

    def _prepare(self, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        if Path(__file__).parents[1] in self.path.resolve().parents:
            raise CalloutError("现用规则是程序自带的示例；请把规则目录复制出来，用 CALLOUT_RULES 指明，再导入")
        now = read_files(self.path)
        if now not in (dict(before), dict(after)):
            raise CalloutError(
                f"规则目录 {self.path} 与现用规则不同，有人改过还没有载入；"
                "请先用 callout rules check 检查并以 callout serve --reload-rules 载入，或改回，再导入"
            )
        try:
            for name, text in after.items():
                if now.get(name) != text:
                    self._write(self.path / name, text)
        except OSError as error:
            raise CalloutError(f"写不进规则目录 {self.path}（{error.strerror}）；方案没有换") from None
        self._gone = [self.path / name for name in now if name not in after]

    def _write(self, file: Path, text: str) -> None:
        file.parent.mkdir(exist_ok=True)
        part = file.with_name(f".{file.name}.part")
        with part.open("w", encoding="utf-8", newline="") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        self._written[part] = file

    def replace(self) -> None:
        """Put the changes in their places."""
        for part, file in self._written.items():
            part.replace(file)
        for file in self._gone:
            file.unlink(missing_ok=True)
