# The workflow with everything it needs, from the lock file.
#
#   docker build -t alignsweep .
#   docker run --rm -v "$PWD/results:/alignsweep/results" -v "$PWD/config:/alignsweep/config" alignsweep \
#     --cores all --configfile config/my-study.yaml
#
# torch comes with CUDA (several GB). For an image without, name an index that has CPU builds:
# docker build --build-arg PIP_EXTRA_INDEX_URL=... -t alignsweep .
FROM python:3.12-slim

WORKDIR /alignsweep
COPY requirements.lock ./
ARG PIP_EXTRA_INDEX_URL
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.lock
COPY . .
RUN pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation -e .

ENTRYPOINT ["snakemake"]
CMD ["--cores", "all"]
