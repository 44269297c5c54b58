# alignsweep: how strongly should the representations of two modalities be aligned?
#
# One configuration is one study, and its files live in results/{study}/ (<results> in the rules). Everything of a
# dataset, up to its answer, depends on that dataset alone:
#
#   {dataset}/data.safetensors, facts.csv                     inputs, labels, split; what is known beyond them
#   {dataset}/alignment={alignment}/strength={strength}/seeds={seeds}/
#       encoders.safetensors                                  weights, leading axis = seed
#       history.csv, probe.csv, alignment.csv                 training curves, and the scores of these models
#   {dataset}/scores.csv, alignment.csv                       the same, of all models
#   {dataset}/search.json                                     what an adaptive search knew, and chose
#   {dataset}/gains.csv, optimum.csv, uses.csv                every strength against 0; the best one; the best for each use
#   {dataset}/baseline.csv                                    scores of plain models on the inputs
#   {dataset}/information.json                                PID atoms in bits, with null
#   {dataset}/features.csv, predictions.csv                   what can be seen before training, and what it lets expect
#   {dataset}/seeds={seeds}/plane.csv                         where test pairs lie in a plane, by strength
#   {dataset}/recommendation.md, .html, .json, .svg           the answer for this dataset
#   {dataset}/encoders.safetensors, embeddings.npz            the winning encoders, and all samples by them, if asked for
#   predictor.safetensors                                     what predictions are made by: the same in every study
#   tables/{table}.csv                                        all datasets, tidy
#   figures/{figure}-{source}.pdf, .png, .svg                 one per source of data, or of all
#   explorer.html                                             a part of the page
#   index.html                                                the study's page: answers, claims, explorer, figures, tables,
#                                                             and what failed; also written after every run
#   provenance.json                                           what made it all: configuration, code, versions, digests
#
# Logs and run times have the same stems under logs/{study}/ and benchmarks/{study}/.
from snakemake.utils import min_version

min_version("9.27")

# A study is one whole file: --configfile replaces the default one and is not merged into it.
if not workflow.overwrite_configfiles:

    configfile: "config/config.yaml"


include: "workflow/rules/common.smk"


pathvars:
    results=RESULTS,
    logs=LOGS,
    benchmarks=f"benchmarks/{STUDY['study']}",


report: "workflow/report/workflow.rst"


include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/information.smk"
include: "workflow/rules/select.smk"
include: "workflow/rules/baseline.smk"
include: "workflow/rules/answer.smk"
include: "workflow/rules/export.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/page.smk"


rule all:
    """Everything: answers, tables, figures and the page of all datasets (the default)."""
    default_target: True
    input:
        # each by itself: what is missing on the way to another is not made anew
        rules.recommend.input,
        rules.tables.input,
        rules.figures.input,


rule synthetic:
    """Answers for the simulated datasets alone."""
    input:
        answers(MADE_UP),


rule real:
    """Answers for the real datasets alone."""
    input:
        answers(REAL),


onstart:
    begin()


onsuccess:
    end()


onerror:
    end()
