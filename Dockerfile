# Build: docker build -t redress .
# Run:   docker run -p 50051:50051 -e REDRESS_INSECURE=true redress
# With TLS: docker run -p 50051:50051 -v /my/tls:/tls:ro redress serve --tls-cert /tls/tls.crt --tls-key /tls/tls.key
# Your own policies: docker run -v /my/policies:/policies:ro ... redress serve --policies /policies

# The tag pins the compiler; rust-toolchain.toml stays out, since it asks for
# components that a build does not need.
FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock build.rs ./
# The workspace names the bench; it is not built.
COPY bench bench
COPY client client
COPY proto proto
COPY policies policies
COPY texts texts
COPY src src
RUN cargo build --release --locked --bin redress
RUN mkdir -p /out && cp target/release/redress /out/redress

FROM gcr.io/distroless/cc-debian12:nonroot
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
