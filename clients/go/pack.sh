#!/usr/bin/env bash
# Packs the module, with what is generated, as a proxy of modules serves it: `pack.sh DIR`, which
# a `GOPROXY=file://DIR` can name. Run `go generate` before. Needs zip.
set -euo pipefail
out=$(mkdir -p "$1" && realpath "$1")
cd "$(dirname "$0")"

version=v0.1.0
module=$(sed -n 's/^module //p' go.mod)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

root=$work/$module@$version
mkdir -p "$root" "$out/$module/@v"
find . -type f \( -name '*.go' -o -name go.mod -o -name README.md \) \
    -exec cp --parents {} "$root" \;
cp ../../LICENSE "$root"
cp go.mod "$out/$module/@v/$version.mod"
echo "{\"Version\":\"$version\"}" >"$out/$module/@v/$version.info"
echo "$version" >"$out/$module/@v/list"
rm -f "$out/$module/@v/$version.zip"
(cd "$work" && zip --quiet --recurse-paths --no-dir-entries "$out/$module/@v/$version.zip" .)
