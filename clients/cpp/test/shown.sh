#!/usr/bin/env bash
# Builds what the README shows with the package as it is installed, and compares what it prints:
# `shown.sh PREFIX`. Starts the program that REDRESS_BIN names.
set -euo pipefail
prefix=$(realpath "$1")
readme=$(realpath "$(dirname "$0")/../README.md")

work=$(mktemp -d)
server=
cleanup() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap cleanup EXIT
cd "$work"

# Prints the first block of a language.
block() { awk -v fence="\`\`\`$1" '$0 == "```" { if (in_block) exit } in_block; $0 == fence { in_block = 1 }' "$readme"; }

# Settings of whoever runs this are not those of the server.
env --ignore-environment "$REDRESS_BIN" serve --listen 127.0.0.1:0 >address 2>log &
server=$!
for _ in $(seq 100); do
    if [ -s address ]; then
        break
    fi
    kill -0 "$server"
    sleep 0.1
done
address=$(sed -n 's/^listening on //p' address)

block cmake >CMakeLists.txt
block cpp | sed "s|http://localhost:50051|http://$address|" >first.cpp
grep --quiet --fixed-strings "http://$address" first.cpp
cmake -B build "-DCMAKE_PREFIX_PATH=$prefix" >configured || (cat configured && false)
cmake --build build >built || (cat built && false)
build/first >printed
block text | diff - printed
