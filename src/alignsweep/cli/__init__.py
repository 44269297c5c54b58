"""The command line: the workflow, for people who do not know Snakemake.

This package stands on top of the workflow, and alone in the library knows of Snakemake:
`study_file` writes a study from what is asked, `running` runs it, `progress` says how far it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import chdir
from pathlib import Path
from typing import Any

import click

from alignsweep.scores import USES

DATA = click.Path(exists=True, dir_okay=False, path_type=Path)


class Listing(click.Command):
    """A command whose options that may be given several times also take several words at once."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read ``--modalities image text`` as ``--modalities image --modalities text``."""
        several = {
            name
            for option in self.params
            if isinstance(option, click.Option) and option.multiple
            for name in option.opts
        }
        given: list[str] = []
        listing = ""
        for word in args:
            if word.startswith("-") or not listing:
                listing = word if word in several else ""
                given.append(word)
            else:
                given += [word] if given[-1] == listing else [listing, word]
        return super().parse_args(ctx, given)


def columns(required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the options that name the columns of a file."""
    options = [
        click.option(
            "--modalities",
            multiple=True,
            required=required,
            metavar="KEY...",
            help="Keys of the modalities, two or more (name=key calls one otherwise); in a table, "
            "prefixes of their columns.",
        ),
        click.option("--label", required=required, metavar="KEY", help="Key of the labels."),
        click.option("--split", metavar="KEY", help="Key of a split that is given."),
        click.option("--group", metavar="KEY", help="Key of groups that must not cross splits."),
    ]

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """How strongly should the representations of two modalities be aligned?"""


@main.command(cls=Listing, short_help="Answer for data of your own.")
@click.argument("file", type=DATA)
@columns(required=False)
@click.option(
    "--masks",
    multiple=True,
    metavar="NAME=KEY...",
    help="Of sequences, by modality: key of their lengths, or of a mask that is 1 where a step is.",
)
@click.option(
    "--search",
    type=click.Choice(["adaptive", "grid"]),
    default="adaptive",
    show_default=True,
    help="Find the optimum with few models, or train every strength with every seed.",
)
@click.option(
    "--uses",
    multiple=True,
    type=click.Choice(list(USES)),
    metavar="USE...",
    help=f"What encoders are scored for: {', '.join(USES)} (by default all).",
)
@click.option("--cores", type=click.IntRange(min=1), help="Processor cores (by default all).")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the study and its results (by default alignsweep-NAME, beside you).",
)
@click.option("--dry-run", is_flag=True, help="Write the study and say what would be done.")
def recommend(
    file: Path,
    modalities: Sequence[str],
    label: str | None,
    split: str | None,
    group: str | None,
    masks: Sequence[str],
    search: str,
    uses: Sequence[str],
    cores: int | None,
    output: Path | None,
    dry_run: bool,
) -> None:
    """Answer whether, and how strongly, to align the modalities of FILE, pair by pair.

    FILE is data (.npz, .safetensors, .h5, .csv or .parquet), with --modalities and --label; or a
    study (.yaml), such as the one that an earlier call wrote. What was computed before is kept.
    """
    from alignsweep import study
    from alignsweep.cli import running, study_file

    try:
        if file.suffix in (".yaml", ".yml"):
            if modalities or label or split or group or masks or uses or output:
                raise ValueError(f"{file} is a study, which says all but --cores and --dry-run")
            path = file
        else:
            if len(modalities) < 2 or not label:
                raise ValueError(
                    f"--modalities (two or more) and --label are needed; `alignsweep inspect "
                    f"{file}` shows what is in the file"
                )
            config = study_file.config(
                file, modalities, label, split, group, search, uses, study_file.keys(masks)
            )
            path = study_file.write(config, output or Path(f"alignsweep-{config['study']}"))
        with chdir(path.parent):
            study.check_files([path.name])
            resolved = study.resolve(study.read(path.name))
        if dry_run:
            if path != file:
                click.echo(_taken_for(config))
            click.echo(f"{running.plan(path, cores)}; the study is {path}")
            return
        failed = running.run(path, resolved, cores, click.echo)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("Stopped; the same command goes on where it stopped.", err=True)
        raise click.exceptions.Exit(130) from None
    if failed:
        raise click.exceptions.Exit(1)


def _taken_for(config: Mapping[str, Any]) -> str:
    """Return what the labels of a study's file are taken for, and what stands in the way."""
    from alignsweep.data.inspection import inspect

    (source,) = config["datasets"].values()
    kept = {key: source.get(key) for key in ("modalities", "label", "split", "group", "masks")}
    found = inspect(source["path"], **kept, guess=False)
    return "\n".join([found.task, *(f"warning: {said}" for said in found.warnings)])


@main.command(short_help="Embed samples by the encoders of an answer.")
@click.argument("encoders", type=DATA)
@click.argument("file", type=DATA)
@click.argument("outputs", nargs=-1, required=True, type=click.Path(path_type=Path))
def embed(encoders: Path, file: Path, outputs: Sequence[Path]) -> None:
    """Embed the samples of FILE by ENCODERS, and write them to OUTPUTS (.npz, .parquet).

    ENCODERS is the encoders.safetensors that the target `embeddings` writes. FILE has raw inputs of
    one modality or both, under the keys of the file that the study was of.
    """
    from alignsweep import export

    try:
        export.embed(encoders, file, *outputs)
    except ValueError as error:
        raise click.ClickException(str(error)) from error


@main.command(short_help="Say what made a figure, or a study.")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--check", is_flag=True, help="Hold every file of the study against its digest.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
def provenance(path: Path, check: bool, as_json: bool) -> None:
    """Say what made PATH: a figure (.pdf, .png, .svg), by its file alone, or the folder of a study.

    That is the code, the versions of packages, the data, and the configuration.
    """
    from alignsweep.provenance import saying

    try:
        click.echo(saying.check(path) if check else saying.said(path, as_json))
    except ValueError as error:
        raise click.ClickException(str(error)) from error


@main.command(cls=Listing, short_help="Say what is in a file of data.")
@click.argument("file", type=DATA)
@columns(required=False)
def inspect(
    file: Path, modalities: Sequence[str], label: str | None, split: str | None, group: str | None
) -> None:
    """Say what is in FILE, and how it would be read."""
    from alignsweep.cli import study_file
    from alignsweep.data import inspection

    try:
        named = study_file.keys(modalities) or None
        found = inspection.inspect(file, modalities=named, label=label, split=split, group=group)
        click.echo(str(found))
    except ValueError as error:
        raise click.ClickException(str(error)) from error
