"""How the service of the download is run: versions of its libraries, and a Dockerfile."""

from __future__ import annotations

import sys

from automl_core.export import library_version

FASTAPI = "0.165.0"  # tests/requirements.txt has the same
SAME_AS_HERE = ("numpy", "onnxruntime", "starlette", "uvicorn")
"""Libraries whose versions are those with which the model was compared, and the service tested."""


def service_requirements() -> str:
    """requirements-service.txt"""
    lines = [f"{name}=={library_version(name)}" for name in SAME_AS_HERE]
    return "\n".join(sorted([*lines, f"fastapi=={FASTAPI}"])) + "\n"


def dockerfile() -> str:
    """The Dockerfile: nothing is written while it runs, and nothing runs as root."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return _DOCKERFILE.replace("VERSION", version)


_DOCKERFILE = """FROM python:VERSION-slim
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /model
COPY requirements-service.txt .
RUN pip install --no-cache-dir -r requirements-service.txt
COPY . .
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \\
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health')"]
CMD ["python", "service.py", "--host", "0.0.0.0", "--port", "8000"]
"""
