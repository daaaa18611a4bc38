"""The same thing done for all parts: by Dask's workers, or here, one after the other."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from topiclib.runs.dask.partition import FileSpan, format_file_names

SYNCHRONOUS_CONFIG = {"dataframe.shuffle.method": "tasks"}
"""Rows change partitions here too, not through workers that somebody else may have in this process."""

DATAFRAME_CONFIG = {"dataframe.convert-string": False}
"""Text stays text in Dask's frames, as pandas has it."""


@dataclass
class Executor:
    """A client of Dask, or None, and the parts of a corpus."""

    client: Any
    parts: list[list[FileSpan]]
    progress: bool = False

    def each(self, stage: str, func: Callable, *lists: Sequence) -> list:
        """Return do(item of each list, ...) for all items, in their order.

        Raises
        ------
        RuntimeError
            If workers were lost again and again over one of them; what a worker raises is raised here.
        """
        from tqdm.auto import tqdm

        n, quiet = len(lists[0]), {"leave": False, "disable": not self.progress, "desc": stage}
        if self.client is None:
            return [func(*items) for items in tqdm(zip(*lists, strict=True), total=n, **quiet)]
        from distributed import as_completed
        from distributed.scheduler import KilledWorker

        keys = [f"topiclib-{stage}-{i}-{uuid.uuid4().hex[:8]}" for i in range(n)]
        tasks = self.client.map(func, *lists, key=keys, batch_size=1000)
        try:
            for task in tqdm(as_completed(tasks), total=n, **quiet):
                if task.status == "error":
                    task.result()  # raises
            return self.client.gather(tasks)
        except KilledWorker as error:
            at = int(str(error.task).split("-")[2])
            files = format_file_names(self.parts[at]) if n == len(self.parts) else f"{stage} {at}"
            raise RuntimeError(f"workers were lost again and again over {files}: too little memory?") from error
        finally:
            self.client.cancel(tasks)

    def frame(self, read: Callable[..., pd.DataFrame], *lists: Sequence) -> Any:
        """Return a Dask DataFrame with a partition read(item of each list, ...) for all items."""
        import dask
        import dask.dataframe as dd

        meta = read(*(some[0] for some in lists)).iloc[:0]
        with dask.config.set(DATAFRAME_CONFIG):
            return dd.from_map(read, *lists, meta=meta, enforce_metadata=False)

    def result(self, frame: Any) -> pd.DataFrame:
        """Compute a Dask DataFrame."""
        import dask

        if self.client is None:
            with dask.config.set(SYNCHRONOUS_CONFIG):
                return frame.compute(scheduler="synchronous")
        return self.client.compute(frame).result()
