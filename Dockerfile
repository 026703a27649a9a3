FROM python:3.11.13-slim-bookworm

# One thread for each computation: visitors share the cores.
ENV PYTHONUNBUFFERED=1 \
    OMP_NUM_THREADS=1 \
    GRADIO_TEMP_DIR=/tmp/gradio

RUN useradd --create-home --uid 1000 companion
WORKDIR /srv/companion

# For the image alone: an index that has PyTorch for CPUs, see docs/hosting.md.
ARG PIP_EXTRA_INDEX_URL

COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt

COPY app.py ./
COPY checkpoints ./checkpoints
COPY diffusion ./diffusion
COPY lectures ./lectures
COPY synth ./synth
COPY ui ./ui

USER 1000
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/')"]
# Process 1 ignores SIGTERM, which Python leaves at its default.
STOPSIGNAL SIGINT
CMD ["python", "app.py", "--host", "0.0.0.0", "--port", "7860"]
