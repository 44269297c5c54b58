# alignsweep: how strongly should the representations of two modalities be aligned?
#
# One configuration is one study, and its files live in results/{study}/ (<results> in the rules):
#
#   {dataset}/data.safetensors                                         inputs, labels, split, facts
#   {dataset}/information.json                                         PID atoms in bits, with null
#   {dataset}/recommendation.md, .html, .json, .svg                    the answer for this dataset
#   {dataset}/strength={strength}/seeds={seeds}/encoders.safetensors   weights, leading axis = seed
#   {dataset}/strength={strength}/seeds={seeds}/history.csv, probe.csv, alignment.csv
#   {dataset}/search/probe.csv, optimum.csv, rounds.json               the same for an adaptive search
#   tables/{table}.csv                                                 all datasets, tidy
#   figures/{figure}-{source}.pdf, .png, .svg                          one per source of data, or of all
#
# Logs and run times have the same stems under logs/{study}/ and benchmarks/{study}/.
from snakemake.utils import min_version

min_version("9.27")

# A study is one whole file: --configfile replaces the default one and is not merged into it.
if not workflow.overwrite_configfiles:

    configfile: "config/config.yaml"


include: "workflow/rules/common.smk"


pathvars:
    results=f"results/{STUDY['study']}",
    logs=f"logs/{STUDY['study']}",
    benchmarks=f"benchmarks/{STUDY['study']}",


report: "workflow/report/workflow.rst"


include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/search.smk"
include: "workflow/rules/information.smk"
include: "workflow/rules/collect.smk"
include: "workflow/rules/recommend.smk"
include: "workflow/rules/figures.smk"


# Seconds each: on a cluster they run beside Snakemake, where the internet is and no queue.
localrules:
    download_dataset,
    generate_synthetic,
    collect_probes,
    collect_alignment,
    collect_datasets,
    collect_information,
    select_strength,
    predict_strength,
    recommend_dataset,
    check_claims,
    plot_strength_curve,
    plot_alignment_curve,
    plot_alignment_metrics,
    plot_alignment_tradeoff,
    plot_gain_heatmap,
    plot_information,
    plot_information_truth,
    plot_optimum_vs_redundancy,


rule all:
    """Everything: tables and figures of all datasets (the default)."""
    default_target: True
    input:
        rules.tables.input,
        rules.figures.input,
        rules.recommend.input,


rule synthetic:
    """Probe and alignment scores of the synthetic datasets alone."""
    input:
        scores(SYNTHETIC),


rule real:
    """Probe and alignment scores of the real datasets alone."""
    input:
        scores(REAL),
