"""Apply a function to every partition: on Dask workers, or in this process, one after the other."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from topiclib.runs.dask.partition import FileSpan, format_file_names

# Shuffle by tasks: the default "p2p" would use the workers of any other client in this process.
SYNCHRONOUS_CONFIG = {"dataframe.shuffle.method": "tasks"}
# Keep text columns as object, as in pandas: Dask would convert them to Arrow strings.
DATAFRAME_CONFIG = {"dataframe.convert-string": False}


@dataclass
class Executor:
    """A Dask client, or None for this process alone, and the partitions of a corpus."""

    client: Any
    partitions: list[list[FileSpan]]
    progress: bool = False

    def map(self, stage: str, func: Callable, *lists: Sequence) -> list:
        """Return func(*items) for the items of all lists, in order; RuntimeError if one kills workers repeatedly."""
        from tqdm.auto import tqdm

        n, bar = len(lists[0]), {"leave": False, "disable": not self.progress, "desc": stage}
        if self.client is None:
            return [func(*items) for items in tqdm(zip(*lists, strict=True), total=n, **bar)]
        from distributed import as_completed
        from distributed.scheduler import KilledWorker

        # A stage is one word without a hyphen: Dask groups tasks by it, and the number is read back below.
        keys = [f"topiclib-{stage}-{i}-{uuid.uuid4().hex[:8]}" for i in range(n)]
        tasks = self.client.map(func, *lists, key=keys, batch_size=1000)
        try:
            for task in tqdm(as_completed(tasks), total=n, **bar):
                if task.status == "error":
                    task.result()  # raises the task's error
            return self.client.gather(tasks)
        except KilledWorker as error:
            i = int(str(error.task).split("-")[2])
            what = format_file_names(self.partitions[i]) if n == len(self.partitions) else f"{stage} {i}"
            raise RuntimeError(f"workers died repeatedly on {what}: give each worker more memory") from error
        finally:
            self.client.cancel(tasks)

    def to_dask(self, read: Callable[..., pd.DataFrame], *lists: Sequence) -> Any:
        """Return a Dask DataFrame with one partition read(*items) for the items of all lists."""
        import dask
        import dask.dataframe as dd

        meta = read(*(items[0] for items in lists)).iloc[:0]
        with dask.config.set(DATAFRAME_CONFIG):
            return dd.from_map(read, *lists, meta=meta, enforce_metadata=False)

    def compute(self, frame: Any) -> pd.DataFrame:
        """Compute a Dask DataFrame."""
        import dask

        if self.client is None:
            with dask.config.set(SYNCHRONOUS_CONFIG):
                return frame.compute(scheduler="synchronous")
        return self.client.compute(frame).result()
