# Sourced: sets CLASSPATH to the jars that Debian packages, unless it is set.
if [ -z "${CLASSPATH:-}" ]; then
    CLASSPATH=
    for jar in grpc-api grpc-core grpc-context grpc-stub grpc-protobuf grpc-protobuf-lite grpc-netty \
        netty-buffer netty-codec netty-codec-http netty-codec-http2 netty-common netty-handler \
        netty-resolver netty-tcnative netty-transport perfmark-api perfmark-impl failureaccess guava gson protobuf \
        protobuf-util; do
        CLASSPATH=$CLASSPATH${CLASSPATH:+:}/usr/share/java/$jar.jar
    done
fi
export CLASSPATH
