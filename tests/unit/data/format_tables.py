"""Cases of tables."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from format_files import (
    ACCENTS,
    CODED,
    CODES,
    IMAGE,
    LABEL,
    PLAIN,
    SEQUENCE,
    TABLE,
    TEXT,
    Case,
    N,
    cloned,
    columns,
    csv,
    gz,
    parquet,
    raw,
    shards,
    text,
)  # fmt: skip

R_TABLE = TABLE.to_csv().removeprefix(",")
LATIN = TABLE.assign(label=ACCENTS)
NONE = np.array(["None", "NA", "nan"])[np.arange(N) % 3]
LISTS = pd.DataFrame({k: [str(r) for r in v.tolist()] for k, v in PLAIN.items() if v.ndim == 2})
HALVES = columns(PLAIN | {"image": IMAGE + 0.5})
GAP = np.where(np.arange(N) == 7, np.nan, IMAGE[:, 0])
NUMBERED = columns({"": np.concatenate([IMAGE, TEXT], axis=1)}, "").assign(label=LABEL)
RANGES = {"modalities": {"image": "0-3", "text": "4-6"}}
CUT = LISTS.assign(image=["[1. 2. ... 3.]"] * N, label=LABEL)
TENSORS = pa.FixedShapeTensorArray.from_numpy_ndarray(SEQUENCE.astype(np.float32))
DECIMALS = pa.array([Decimal(int(c)) for c in CODES], pa.decimal128(5, 2))
DATES = pa.array(CODES.astype("M8[D]").astype("M8[s]"))
WITH_TEXT = TABLE.assign(text=[f"a caption, {i}" for i in range(N)])
CSV = TABLE.to_csv(index=False)
ODD = TABLE.assign(image_0=np.where(np.arange(N) == 5, "?", IMAGE[:, 0].astype(str)))
OTHERS = (
    *("npy", "pkl", "mat", "xlsx", "jsonl", "arrow", "txt", "zip", "csv.bz2", "zarr", "rds"),
    *("dta", "db", "ckpt"),
)


def hidden(folder: Path) -> Path:
    path = shards(TABLE)(folder)
    (path / "part-0.parquet").rename(path / "_part-0.parquet")
    return path


def arrow_folder(folder: Path) -> Path:
    (folder / "data").mkdir()
    (folder / "data" / "data-00000-of-00001.arrow").write_bytes(b"-")
    return folder / "data"


TABLES = [
    Case("csv", "numbered columns", csv()),
    Case(
        "csv",
        "semicolons and decimal commas",
        csv(table=HALVES, sep=";", decimal=","),
        PLAIN | {"image": IMAGE + 0.5},
    ),
    Case("csv", "semicolons and decimal points", csv(sep=";")),
    Case("csv", "decimal commas in quotes between commas", csv(table=HALVES, decimal=","), None),
    Case("csv", "bars", csv(sep="|")),
    Case("csv", "`sep=;` as the first line", text("sep=;\n" + TABLE.to_csv(index=False, sep=";"))),
    Case("csv", "a '#' in front of the names", text("# " + CSV), PLAIN),
    Case(
        "csv", "comments in front of the names", text("# made by us,\n# on a Monday\n" + CSV), PLAIN
    ),
    Case("csv", "a '#' that is a name", text(TABLE.to_csv(index_label="#")), PLAIN),
    Case("csv", "no line of names", text(CSV.partition("\n")[2]), None),
    Case(
        "csv", "thousands with commas, in quotes", csv(table=TABLE.assign(image_0="1,234.5")), None
    ),
    Case("csv", "a cell that is no number", csv(table=ODD), None),
    Case("csv", "two files in one, with both lines of names", text(CSV + CSV), None),
    Case("csv", "content of another format", raw(b"PAR1 and so on", "my.csv"), None),
    Case("csv", "a pointer of Git LFS", text("version https://git-lfs.github.com/spec/v1\n"), None),
    Case("csv", "a web page", text("\n<!DOCTYPE html><html>Sign in</html>"), None),
    Case("tsv", "tabs", csv("my.tsv", sep="\t")),
    Case("tsv", "compressed, `.tsv.gz`", gz),
    Case("csv", "compressed, `.csv.gz`", csv("my.csv.gz")),
    Case(
        "csv",
        "UTF-8 with a mark",
        csv(table=LATIN, encoding="utf-8-sig"),
        PLAIN | {"label": LATIN["label"].to_numpy(str)},
    ),
    Case(
        "csv",
        "UTF-16",
        csv(table=LATIN, encoding="utf-16"),
        PLAIN | {"label": LATIN["label"].to_numpy(str)},
    ),
    Case(
        "csv",
        "Latin-1",
        csv(table=LATIN, encoding="latin-1"),
        PLAIN | {"label": LATIN["label"].to_numpy(str)},
    ),
    Case(
        "csv",
        "classes called None, NA and nan",
        csv(table=TABLE.assign(label=NONE)),
        PLAIN | {"label": NONE},
    ),
    Case(
        "csv",
        "a label that is empty",
        csv(table=TABLE.assign(label=np.where(np.arange(N) == 7, "", LABEL))),
        None,
    ),
    Case("csv", "lists in cells", csv(table=LISTS.assign(label=LABEL))),
    Case(
        "csv",
        "lists of lists in cells, as numpy prints them",
        csv(table=LISTS.assign(label=LABEL, text=[str(s) for s in SEQUENCE])),
        PLAIN | {"text": SEQUENCE},
    ),
    Case(
        "csv",
        "lists of numpy's numbers in cells",
        csv(table=LISTS.assign(label=LABEL, text=[str([*r]) for r in TEXT])),
    ),
    Case(
        "csv",
        "lists of lists of different shapes",
        csv(table=LISTS.assign(label=LABEL, text=["[[1, 2]]", "[[1, 2, 3]]"] * (N // 2))),
        None,
    ),
    Case(
        "csv",
        "lists without brackets",
        csv(table=LISTS.assign(label=LABEL, image=["0.1 0.2 0.3"] * N)),
        None,
    ),
    Case("csv", "lists that numpy has cut", csv(table=CUT), None),
    Case("csv", "columns out of order", csv(table=TABLE[sorted(TABLE, reverse=True)])),
    Case("csv", "a column of text beside numbered columns of its name", csv(table=WITH_TEXT)),
    Case("csv", "`image_category` beside `image_0`", csv(table=TABLE.assign(image_category=CODES))),
    Case(
        "csv",
        "two stems, `image_0` and `image-0`",
        csv(table=TABLE.assign(**{"image-0": GAP})),
        None,
    ),
    Case(
        "csv",
        "names without numbers, by `image_*`",
        csv(table=TABLE.rename(columns={f"image_{i}": f"image_{c}" for i, c in enumerate("abcd")})),
        options={"modalities": {"image": "image_*", "text": "text"}},
    ),
    Case(
        "csv",
        "one column of several in other capitals",
        csv(table=TABLE.rename(columns={"image_0": "Image_0"})),
        None,
    ),
    Case(
        "csv",
        "a label that is two columns",
        csv(table=TABLE.rename(columns={"label": "label_name"}).assign(label_id=CODES)),
        None,
    ),
    Case(
        "csv",
        "names in two lines, as pandas writes levels",
        text("image,image,text,text,label\n0,1,0,1,\n1,2,3,4,a\n"),
        None,
    ),
    Case("csv", "a name that stands twice", text("image_0,image_0,text_0,label\n1,2,3,a\n"), None),
    Case("csv", "names of rows, as R writes them", text(R_TABLE)),
    Case("csv", "spaces after commas", text(TABLE.to_csv(index=False).replace(",", ", "))),
    Case("csv", "spaces for commas", csv(sep=" "), None),
    Case("csv", "no rows", csv(table=TABLE[:0]), None),
    Case(
        "csv", "rows longer than the header", text("image_0,text_0,label\n1,2,a,\n3,4,b,\n"), None
    ),
    Case("parquet", "a column of lists per modality", parquet()),
    Case(
        "parquet",
        "lists of fixed size",
        parquet(image=pa.array(list(IMAGE), pa.list_(pa.float64(), 4))),
    ),
    Case("parquet", "tensors", parquet(text=TENSORS), PLAIN | {"text": SEQUENCE}),
    Case(
        "parquet", "lists of different lengths", parquet(text=[[1.0]] * 7 + [[1.0, 2.0]] * 53), None
    ),
    Case("parquet", "numbered columns", shards(TABLE)),
    Case("parquet", "shards in a folder", shards(TABLE[:20], TABLE[20:])),
    Case("parquet", "shards of splits beside a page about them", cloned),
    Case(
        "parquet", "shards of different columns", shards(TABLE[:20], TABLE[20:].iloc[:, 1:]), None
    ),
    Case("parquet", "names that are whole numbers", shards(NUMBERED), options=RANGES),
    Case(
        "parquet", "labels that are categories", parquet(label=pa.array(LABEL).dictionary_encode())
    ),
    Case("parquet", "labels of decimals", parquet(label=DECIMALS), None),
    Case("parquet", "labels of times", parquet(label=DATES), None),
    Case(
        "parquet", "nullable integers", shards(TABLE.assign(label=pd.array(CODES, "Int64"))), CODED
    ),
    Case(
        "parquet",
        "nullable integers with gaps",
        shards(TABLE.assign(label=pd.array([None, *CODES[1:]], "Int64"))),
        None,
    ),
    Case("parquet", "empty lists", parquet(image=[[]] * N), None),
    Case("parquet", "hidden shards", hidden, None),
    Case("parquet", "lists written as text", parquet(image=[str(r) for r in IMAGE.tolist()])),
    Case("parquet", "bytes of arrays", parquet(image=[r.tobytes() for r in IMAGE]), None),
    Case("parquet", "structs", parquet(image=[{"bytes": b"x", "path": "y"}] * N), None),
    *(Case(e, "any", raw(b"-", f"my.{e}"), None) for e in OTHERS),
    Case("folder", "of Hugging Face datasets", arrow_folder, None),
]
