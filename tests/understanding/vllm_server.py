"""A real vLLM on processors, with a model that knows nothing; it ends with the tests, also when they are killed."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.understanding.random_model import write_random_model

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-vllm" / "bin" / "python"
STARTS_WITHIN = 300.0
GUARD = """
import os, signal, subprocess, sys, threading
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
def watch():
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)
threading.Thread(target=watch, daemon=True).start()
sys.exit(server.wait())
"""
"""Leads the server's process group, and kills it when our end of its pipe is closed."""
SETTINGS = {
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "OMP_NUM_THREADS": "1",
}


@dataclass
class Vllm:
    """One server at `url`; it may be killed and started again at the same place."""

    folder: Path
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _model: Path = field(init=False)

    def __post_init__(self) -> None:
        if not PYTHON.is_file():
            raise RuntimeError("there is no vLLM here: run `make test-engines`")
        self._model = write_random_model(self.folder / "model")
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def start(self) -> None:
        """Returns once it answers; raises RuntimeError with the end of its log when it does not come up."""
        command = [
            str(PYTHON), "-m", "vllm.entrypoints.openai.api_server", "--model", str(self._model),
            "--served-model-name", "random", "--host", "127.0.0.1", "--port", str(self.port),
            "--max-model-len", "8192", "--max-num-seqs", "8", "--gpu-memory-utilization", "0.1", "--enforce-eager",
            "--enable-prefix-caching",
            "--structured-outputs-config", '{"backend": "xgrammar", "disable_any_whitespace": true}',
        ]  # fmt: skip
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", GUARD, *command], stdin=subprocess.PIPE, stdout=log, stderr=log,
                env={**os.environ, **SETTINGS}, cwd=self.folder, start_new_session=True,
            )  # fmt: skip
        ends = time.monotonic() + STARTS_WITHIN
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > ends:
                raise RuntimeError(f"vLLM does not start:\n{self.log.read_text(errors='replace')[-6000:]}")
            time.sleep(0.5)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/models", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        """All its processes at once, in the middle of whatever they do."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()
            self._process = None

    def count(self, metric: str) -> float:
        """The sum over one of its own metrics, such as `vllm:prefix_cache_hits_total`."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        return sum(
            float(value) for value in re.findall(rf"^{re.escape(metric)}(?:\{{.*\}})? (\S+)$", text, re.MULTILINE)
        )
