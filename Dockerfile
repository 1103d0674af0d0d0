# Two stages: Swift builds, a slim Debian runs. Both are Debian 12, so that the libraries' versions agree.
# For a build that can be repeated, name them by digest: --build-arg SWIFT_IMAGE=docker.io/library/swift@sha256:…
ARG SWIFT_IMAGE=docker.io/library/swift:6.3.1-bookworm
ARG DEBIAN_IMAGE=docker.io/library/debian:bookworm-slim
FROM ${SWIFT_IMAGE} AS build
RUN apt-get update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        libmicrohttpd-dev libopenblas-dev libjpeg-dev libpng-dev liblcms2-dev libwebp-dev \
        libheif-dev libgif-dev libtiff-dev libhdf5-dev nettle-dev zlib1g-dev libsqlite3-dev \
        libcurl4-openssl-dev pkg-config \
        python3-pip \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY Package.* ./
RUN swift package resolve
COPY Sources Sources
COPY Tests Tests
# The Swift libraries become part of the binary: the image below has none.
RUN swift build -c release --static-swift-stdlib --product deepdream \
 && install -D -s .build/release/deepdream /out/deepdream
COPY Scripts Scripts
# A directory of the image's own: that of the system is a volume.
RUN mkdir /out/models \
 && Scripts/install_weights.sh /out/deepdream /out/models/efficientnet_lite0.safetensors

FROM ${DEBIAN_IMAGE}
# What the binary links to; curl and the certificates are for `deepdream model fetch`.
RUN apt-get update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        libmicrohttpd12 libopenblas0-pthread libjpeg62-turbo libpng16-16 liblcms2-2 libwebp7 \
        libwebpdemux2 libwebpmux3 libheif1 libgif7 libtiff6 libhdf5-103-1 libnettle8 zlib1g libsqlite3-0 libcurl4 \
        ca-certificates curl \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --no-create-home deepdream \
 && install -d -o deepdream /var/lib/deepdream/models /var/lib/deepdream/jobs /etc/deepdream
COPY --from=build /out/deepdream /usr/local/bin/deepdream
COPY --from=build /out/models /usr/local/share/deepdream/models
COPY Config/deepdream.yaml /etc/deepdream/deepdream.yaml
# A number, as Kubernetes cannot tell from a name that it is not root.
USER 10001
# No home: models are fetched to the directory of the system, the first of these.
ENV DEEPDREAM_MODELS=/var/lib/deepdream/models:/usr/local/share/deepdream/models
# Volumes can be written to even if the root file system cannot.
ENV DEEPDREAM_DATA_DIRECTORY=/var/lib/deepdream/jobs
VOLUME /var/lib/deepdream/models /var/lib/deepdream/jobs
EXPOSE 5000
ARG DEBIAN_IMAGE
# The commit; `make image` names it.
ARG REVISION
LABEL org.opencontainers.image.title="deepdream-server" \
      org.opencontainers.image.description="Turns photos into DeepDreams over HTTP" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${DEBIAN_IMAGE}"
STOPSIGNAL SIGTERM
# Alive is enough here: an instance that drains should not be killed for it.
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
    CMD ["deepdream", "health"]
ENTRYPOINT ["deepdream"]
CMD ["serve"]
