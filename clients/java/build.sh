#!/usr/bin/env bash
# Generates the messages and stubs from the contract, compiles them with the client, and packs both:
# `build.sh OUT` leaves `OUT/redress-client.jar`. Needs a JDK of 17 or later, protoc with
# grpc_java_plugin, and in CLASSPATH gRPC and protobuf; without it, those of Debian.
set -euo pipefail
out=$(mkdir -p "$1" && realpath "$1")
cd "$(dirname "$0")"
. ./debian.sh

rm -rf "$out/proto" "$out/generated" "$out/classes"
mkdir -p "$out/generated" "$out/classes/META-INF"
# The contract names no options of a language: a class for each message is one of Java.
cp -r ../../proto "$out/proto"
sed -i 's/^package redress\.v1;/&\noption java_multiple_files = true;\noption java_package = "redress.v1";/' \
    "$out"/proto/redress/v1/*.proto
protoc --proto_path="$out/proto" --proto_path=../proto --java_out="$out/generated" \
    --plugin="protoc-gen-grpc-java=$(command -v grpc_java_plugin)" \
    --grpc-java_out="$out/generated" "$out"/proto/redress/v1/*.proto ../proto/redress/detail.proto
# The annotation left the JDK with Java 11; this one took its place.
sed -i 's/@javax\.annotation\.Generated/@javax.annotation.processing.Generated/' \
    "$out"/generated/redress/v1/*Grpc.java
find "$out/generated" -name '*.java' >"$out/sources"
javac --release 17 -nowarn -proc:none -d "$out/classes" "@$out/sources"
CLASSPATH=$out/classes:$CLASSPATH javac --release 17 -Xlint:all,-classfile,-path -Werror -proc:none \
    -d "$out/classes" src/redress/client/*.java
# Debian's netty has no TLS with ALPN by the JDK, and looks for OpenSSL by another name than
# Debian's: a program that connects by TLS runs with `-Djava.library.path=OUT/native`.
mkdir -p "$out/native"
for library in /usr/lib/*/jni/libnetty-tcnative.so; do
    [ ! -e "$library" ] || cp "$library" "$out/native/libnetty_tcnative.so"
done
cp ../../LICENSE "$out/classes/META-INF"
# Maven and Gradle read what the jar is called and needs from here.
mkdir -p "$out/classes/META-INF/maven/redress/redress-client"
cp pom.xml "$out/classes/META-INF/maven/redress/redress-client"
printf 'Automatic-Module-Name: redress.client\n' >"$out/manifest"
jar --create --file "$out/redress-client.jar" --manifest "$out/manifest" -C "$out/classes" .
