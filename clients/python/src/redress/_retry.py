"""When a call is retried."""

import random
import time

from redress._config import Config
from redress._errors import CallError, DeadlineExceededError, UnavailableError


class Retry:
    """The deadline and the backoff of one call.

    Every call is pure, so that retries are safe. Only `UNAVAILABLE` is retried, until the
    deadline.
    """

    def __init__(self, config: Config, timeout: float | None) -> None:
        self._config = config
        self._bound = config.backoff
        self._before: CallError | None = None
        self._deadline = time.monotonic() + (config.timeout if timeout is None else timeout)

    def left(self) -> float:
        """Returns the seconds that are left."""
        return max(self._deadline - time.monotonic(), 0.001)

    def wait_after(self, error: CallError) -> float:
        """Returns how long to wait before the next attempt, in seconds.

        It is at least what the server asks for, with jitter above that, so that callers that
        were refused together do not come back together.

        Raises:
            CallError: the error, where there is no further attempt. Where the deadline ends a
                retry, it is that of the attempt before, which says more.
        """
        if self._before and isinstance(error, DeadlineExceededError):
            raise self._before
        wait = error.retry_delay + random.uniform(0, self._bound)  # noqa: S311
        if not isinstance(error, UnavailableError) or wait >= self.left():
            raise error
        self._bound = min(self._bound * 2, self._config.max_backoff)
        self._before = error
        return wait
