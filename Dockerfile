# callout serve, as a user without rights. Build: docker build -t callout .
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY callout callout
COPY templates templates
COPY rules rules
RUN pip wheel --no-cache-dir --wheel-dir /wheels -c constraints.txt .

FROM python:3.12-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links=/wheels callout \
 && useradd --system --uid 10001 --no-create-home callout \
 && install -d -o callout -g callout /var/lib/callout /var/lib/callout/data /var/lib/callout/checkpoints
USER callout
WORKDIR /var/lib/callout
# No real phone is reached unless the one who runs it says so.
ENV CALLOUT_LIVE=0 PYTHONUNBUFFERED=1
ENTRYPOINT ["callout"]
CMD ["serve"]
