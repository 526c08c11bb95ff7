# callout serve, as a user without rights. Build: docker build -t callout .
# With what a channels file needs (docs/channels.md): docker build --build-arg EXTRAS=reports,aliyun -t callout .
FROM python:3.12-slim-trixie AS build
ARG EXTRAS=reports
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY callout callout
COPY templates templates
COPY rules rules
RUN pip wheel --no-cache-dir --wheel-dir /wheels -c constraints.txt ".[$EXTRAS]"

FROM python:3.12-slim-trixie
ARG EXTRAS=reports
# pg_dump and pg_restore for `callout backup`; Debian's version (17) is that of the server in docker-compose.yml. The others
# are for reports as PDF, and Chinese letters in them.
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-client-17 libpango-1.0-0 libpangoft2-1.0-0 fonts-noto-cjk \
 && rm -rf /var/lib/apt/lists/*
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links=/wheels "callout[$EXTRAS]" \
 && useradd --system --uid 10001 --no-create-home callout \
 && install -d -o callout -g callout /var/lib/callout /var/lib/callout/data /var/lib/callout/checkpoints \
      /var/lib/callout/backups
USER callout
WORKDIR /var/lib/callout
# No real phone is reached unless the one who runs it says so.
ENV CALLOUT_LIVE=0 PYTHONUNBUFFERED=1
ENTRYPOINT ["callout"]
CMD ["serve"]
