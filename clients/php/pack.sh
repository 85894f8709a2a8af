#!/usr/bin/env bash
# Packs what Composer installs, with what is generated: `pack.sh DIR` leaves a zip in a folder that
# a repository of the type `artifact` names. Run `generate.sh` before. Needs zip.
set -euo pipefail
out=$(mkdir -p "$1" && realpath "$1")
cd "$(dirname "$0")"
version=0.1.0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r src gen README.md ../../LICENSE "$work"
# A zip has no tag that says the version.
sed "s|\"type\": \"library\",|&\n    \"version\": \"$version\",|" composer.json >"$work/composer.json"
rm -f "$out/redress-client-$version.zip"
(cd "$work" && zip --quiet --recurse-paths "$out/redress-client-$version.zip" .)
