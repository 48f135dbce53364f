# syntax=docker/dockerfile:1.7
# One image for every process: the command picks it (serve customer, worker invoice, router …).

FROM python:3.11.11-slim-bookworm AS build
COPY --from=ghcr.io/astral-sh/uv:0.13.9 /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1
WORKDIR /app
RUN python -m venv /venv
# The runtime dependencies alone, in the versions of the lock file, each checked by its hash.
COPY pyproject.toml requirements.lock ./
RUN VIRTUAL_ENV=/venv uv pip install --require-hashes -r pyproject.toml -c requirements.lock
COPY subgraphs subgraphs
COPY router router
COPY tributary tributary
RUN /venv/bin/python -m compileall -q subgraphs router tributary

FROM python:3.11.11-slim-bookworm
RUN groupadd --gid 10001 tributary && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin tributary
COPY --from=build /venv /venv
COPY --from=build /app /app
COPY schema /app/schema
WORKDIR /app
# The code is not installed: it stays beside schema/, and nothing is fetched that the lock file does not name.
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
EXPOSE 3000-3005
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "tributary"]
CMD ["--help"]
