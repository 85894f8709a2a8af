#!/usr/bin/env bash
# Generates the messages and stubs from the contract; `go generate` runs it.
# Needs protoc, protoc-gen-go and protoc-gen-go-grpc.
set -euo pipefail
cd "$(dirname "$0")"

module=$(sed -n 's/^module //p' go.mod)
proto=../../proto
options=("--go_opt=module=$module" "--go-grpc_opt=module=$module")
for file in "$proto"/redress/v1/*.proto; do
    # The contract names no package of Go: it is the same for every language.
    mapped="M${file#"$proto"/}=$module/redressv1"
    options+=("--go_opt=$mapped" "--go-grpc_opt=$mapped")
done
rm -rf redressv1
protoc --proto_path="$proto" --go_out=. --go-grpc_out=. "${options[@]}" \
    "$proto"/redress/v1/*.proto
protoc --proto_path=../proto --go_out=. --go_opt="module=$module" \
    --go_opt="Mredress/detail.proto=$module/internal/detail" redress/detail.proto
