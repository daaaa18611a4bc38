"""Apply a function to every partition: on Dask workers, or in this process, one after the other."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from topiclib.progress import progress_bar
from topiclib.runs.partitions import Partition, format_file_names
from topiclib.runs.workspace import Workspace


@dataclass
class Executor:
    """The partitions of a corpus, and the Dask client whose workers process them (None: this process does)."""

    client: Any
    partitions: Sequence[Partition]
    progress: bool = False

    def for_each(self, work: Workspace, stage: str, step: Callable, *lists: Sequence, **settings: Any) -> list:
        """Run a step of `topiclib.runs.steps` for every partition."""
        return self.map(stage, partial(step, work, **settings), range(len(self.partitions)), *lists)

    def map(self, stage: str, func: Callable, *lists: Sequence) -> list:
        """Return `[func(*items) for items in zip(*lists)]`; RuntimeError if an item kills workers repeatedly."""
        n = len(lists[0])
        show = self.progress and len(self.partitions) > 1
        bar = partial(progress_bar, total=n, leave=False, progress=show, desc=stage)
        if self.client is None:
            return [func(*items) for items in bar(zip(*lists, strict=True))]
        from distributed import as_completed
        from distributed.scheduler import KilledWorker

        # A stage is one word without a hyphen: Dask groups tasks by it, and the number is read back below.
        keys = [f"topiclib-{stage}-{i}-{uuid.uuid4().hex[:8]}" for i in range(n)]
        tasks = self.client.map(func, *lists, key=keys, batch_size=1000)
        try:
            for task in bar(as_completed(tasks)):
                if task.status == "error":
                    task.result()  # raises the task's error
            return self.client.gather(tasks)
        except KilledWorker as error:
            i = int(str(error.task).split("-")[2])
            what = format_file_names(self.partitions[i]) if n == len(self.partitions) else f"{stage} {i}"
            raise RuntimeError(f"workers died repeatedly on {what}: give each worker more memory") from error
        finally:
            self.client.cancel(tasks)
