# Torchlight on a server; docs/server.md says how. It runs as a user without rights on a read-only
# root file system, and writes to /workspace and /tmp alone.
FROM python:3.12-slim

# PyTorch without CUDA. For NVIDIA GPUs name the index of their CUDA version, such as
# --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu130
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

# LightGBM needs OpenMP.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --index-url "$TORCH_INDEX" "$(grep -o '^torch==[0-9.]*' requirements.txt)" \
    && pip install --no-cache-dir --requirement requirements.txt \
    && pip install --no-cache-dir "$(grep -o '^streamlit[^ #]*' requirements.txt | sed 's/^streamlit/streamlit[auth]/')"

COPY app.py ./
COPY .streamlit .streamlit
COPY assets assets
COPY pages pages
COPY automl_core automl_core

# Compiled now: later nothing can be written here, and each worker would do it again.
RUN python -m compileall -q app.py pages automl_core \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin torchlight \
    && install --directory --owner torchlight --group torchlight /workspace

USER 10001:10001
ENV TORCHLIGHT_WORKSPACE=/workspace \
    TORCHLIGHT_LOG_FORMAT=json \
    STREAMLIT_LOGGER_HIDE_WELCOME_MESSAGE=true \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp
VOLUME /workspace
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8501/healthz', timeout=8)"]
CMD ["python", "-m", "streamlit", "run", "app.py", "--server.address", "0.0.0.0", "--server.port", "8501"]
