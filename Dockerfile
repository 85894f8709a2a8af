# Build: docker build -t redress .
# Run:   docker run -p 50051:50051 -e REDRESS_INSECURE=true redress
# With TLS: docker run -p 50051:50051 -v /my/tls:/tls:ro redress serve --tls-cert /tls/tls.crt --tls-key /tls/tls.key
# Your own policies: docker run -v /my/policies:/policies:ro ... redress serve --policies /policies

# A release names both images by digest, and itself:
# docker build --build-arg BASE=gcr.io/distroless/cc-debian12:nonroot@sha256:DIGEST \
#   --build-arg BUILD=rust:1.95.0-slim-bookworm@sha256:DIGEST \
#   --build-arg VERSION=0.1.0 --build-arg REVISION=COMMIT .
ARG BUILD=rust:1.95.0-slim-bookworm
ARG BASE=gcr.io/distroless/cc-debian12:nonroot

# The tag pins the compiler; rust-toolchain.toml stays out, since it asks for
# components that a build does not need.
FROM ${BUILD} AS build
WORKDIR /src
# What others wrote is built first, with empty sources of our own: a layer that stays until
# these files change.
COPY Cargo.toml Cargo.lock ./
COPY bench/Cargo.toml bench/Cargo.toml
COPY client/Cargo.toml client/Cargo.toml
COPY generate/Cargo.toml generate/Cargo.toml
RUN mkdir src bench/src client/src generate/src && echo 'fn main() {}' | tee build.rs src/main.rs bench/src/main.rs && touch src/lib.rs bench/src/lib.rs client/src/lib.rs generate/src/lib.rs
RUN cargo build --release --locked --bin redress
COPY build.rs build.rs
COPY client client
COPY proto proto
COPY policies policies
COPY texts texts
# The server serves it.
COPY docs/openapi.json docs/openapi.json
COPY src src
# Files of the tree may be older than the empty ones were.
RUN touch build.rs src/lib.rs src/main.rs client/src/lib.rs && cargo build --release --locked --bin redress
RUN mkdir -p /out && cp target/release/redress /out/redress

FROM ${BASE}
ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.title="redress"
LABEL org.opencontainers.image.description="Decides what a shop's customer is owed, from the shop's published terms"
LABEL org.opencontainers.image.licenses="Apache-2.0"
LABEL org.opencontainers.image.version="${VERSION}"
LABEL org.opencontainers.image.revision="${REVISION}"
COPY --from=build /out/redress /usr/local/bin/redress
# By number, so that a cluster can see that it is not root.
USER 65532:65532
# Who listens beyond the container says whether TLS or something else protects callers.
ENV REDRESS_LISTEN=0.0.0.0:50051
# Health is asked here, whether callers come with TLS or not.
ENV REDRESS_ADMIN_LISTEN=127.0.0.1:9464
ENV REDRESS_LOG_FORMAT=json
EXPOSE 50051
HEALTHCHECK --interval=10s --timeout=4s --start-period=2s --retries=3 CMD ["/usr/local/bin/redress", "health"]
ENTRYPOINT ["/usr/local/bin/redress"]
CMD ["serve"]
