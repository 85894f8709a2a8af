#!/usr/bin/env bash
# Generates the messages from the contract into `gen`. Needs protoc.
set -euo pipefail
cd "$(dirname "$0")"
rm -rf gen
mkdir gen
protoc --proto_path=../../proto --php_out=gen ../../proto/redress/v1/*.proto
protoc --proto_path=../proto --php_out=gen ../proto/redress/detail.proto
