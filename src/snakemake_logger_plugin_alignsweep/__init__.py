"""Snakemake's logger `alignsweep`: quiet on the terminal (``--logger alignsweep``).

Snakemake finds logger plugins by the names of their modules, which is why this one stands beside
the package. It only hands on what happens; `alignsweep.cli.terminal` says it, and is imported once
the workflow has told its study, from where the workflow has it.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

if TYPE_CHECKING:
    from alignsweep.cli.terminal import Terminal


class LogHandler(LogHandlerBase):
    """Shows a line per dataset and step; what is no run of jobs is said as Snakemake says it."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        """Make the handler that Snakemake would have, for what is not said in our way."""
        from snakemake.logging import ColorizingTextHandler, DefaultFilter, DefaultFormatter

        asked = self.common_settings
        self._stream = sys.stdout if asked.stdout else sys.stderr
        self._usual = ColorizingTextHandler(
            nocolor=asked.nocolor,
            stream=self._stream,
            formatter=DefaultFormatter(asked.quiet, asked.show_failed_logs),
            filter=DefaultFilter(
                asked.quiet, asked.debug_dag, asked.verbose, asked.dryrun, asked.printshellcmds
            ),
        )
        self._as_usual = any(
            (asked.dryrun, asked.verbose, asked.debug_dag, asked.printshellcmds, asked.quiet)
        )
        self._terminal: Terminal | None = None
        self._runs = self._planned = self._error = False
        self._held: list[logging.LogRecord] = []  # what is said before a run, if there is one

    def emit(self, record: logging.LogRecord) -> None:
        """Take in a record."""
        event = getattr(record, "event", None)
        if hasattr(record, "study"):
            if not self._as_usual:
                from alignsweep.cli.terminal import Terminal

                study, results, logs = record.study
                self._terminal = Terminal(study, results, logs, self._stream)
        elif self._terminal is None or self._as_usual:
            self._usual.handle(record)
        elif event is LogEvent.WORKFLOW_STARTED:
            self._runs = True
        elif event is None and record.levelno < logging.WARNING:
            self._held.append(record)
        elif event in (None, LogEvent.ERROR, LogEvent.GROUP_ERROR):
            self._error |= event is not None
            if not self._terminal.failed:
                self._usual.handle(record)
        else:
            self._tell(self._terminal, event, vars(record))

    def _tell(self, terminal: Terminal, event: LogEvent, said: dict[str, Any]) -> None:
        if event is LogEvent.RUN_INFO and not self._planned:
            self._planned = True
            terminal.plan(said["stats"])
        elif event is LogEvent.JOB_INFO:
            name, message = said["rule_name"], said["rule_msg"]
            terminal.begin(
                said["jobid"], name, said["wildcards"] or {}, message or name, said["output"]
            )
        elif event is LogEvent.JOB_FINISHED:
            terminal.end(said["job_id"])
        elif event is LogEvent.JOB_ERROR:
            terminal.fail(said["jobid"], said["log"])

    def close(self) -> None:
        """Say what came out."""
        if self._terminal is not None:
            terminal, self._terminal = self._terminal, None
            if not self._runs:
                for record in self._held:
                    self._usual.handle(record)
            elif self._planned or not self._error:
                terminal.close(nothing_to_do=not self._planned)
        super().close()
