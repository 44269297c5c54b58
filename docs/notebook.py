# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How strongly to align? An answer in a minute
#
# Two modalities of 12 bits each. The label depends on 8 bits: both modalities see R of them.

# %%
import numpy as np

from alignsweep import data, information, metrics, probe, recommend, sweep

pairs = data.synthetic.generate(redundancy=0, train=1024, validation=1024, test=4096, seed=0)

# %% [markdown]
# All models are trained together: three strengths times four seeds. Strength 0 is the baseline.

# %%
trained = sweep.train(pairs, strengths=["0", "0.4", "2"], seeds=4)

# %% [markdown]
# Each encoder is frozen, and a linear probe is fitted to its embedding.

# %%
scores = probe.linear_probe(trained, pairs)
test = scores.query("split == 'test' and metric == 'accuracy' and use == 'unimodal'")
test.pivot_table(index="strength", columns="modality", values="value").round(3)

# %% [markdown]
# What can be told, by intervals over the seeds:

# %%
answer = recommend.recommend(scores)
answer.query("metric == 'accuracy'")[["modality", "verdict", "optimum", "usual", "usual_gain"]]

# %% [markdown]
# Alignment rises all the same. More of it is not better.

# %%
halves = [np.random.default_rng(0).normal(size=(500, 6)) for _ in range(2)]
print("unrelated:", round(metrics.METRICS["cka_debiased"](*halves), 2))
print("the same: ", round(metrics.METRICS["cka_debiased"](halves[0], halves[0]), 2))

# %% [markdown]
# What both, one, and only both together tell about a label, in bits: here y is 1 where a and b are.

# %%
joint = np.zeros((2, 2, 2))
for a in range(2):
    for b in range(2):
        joint[a, b, a & b] = 0.25
print(information.broja(joint))
