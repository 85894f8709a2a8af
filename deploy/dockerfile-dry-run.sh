#!/usr/bin/env bash
# Proves the Dockerfile without a container engine: takes its steps in order, each
# stage in an empty folder of its own, then starts the program with the image's
# environment and runs the image's health check against it.
#
# What it cannot prove: that the base images exist, and that the program needs no
# file that the last one lacks. For the second it prints the shared libraries.
#
# Usage: deploy/dockerfile-dry-run.sh [FOLDER]   (default: a temporary one)
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
work=${1:-$(mktemp -d)}
kept=${1:-}
mkdir -p "$work"
server=
cleanup() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
    fi
    # Only a folder of our own making is removed.
    if [ -z "$kept" ]; then
        rm -rf "$work"
    fi
}
trap cleanup EXIT

# What the engine would send to the build, .dockerignore applied: everything is
# left out but for the names after `!`.
context=$work/context
mkdir "$context"
while read -r name; do
    mkdir -p "$context/$(dirname "$name")"
    cp -a "$repository/$name" "$context/$name"
done < <(sed -n 's/^!//p' "$repository/.dockerignore")

declare -A stage_root image_env
root=
directory=/
stages=0
healthcheck=
entrypoint=
command=

# Turns `["a", "b"]` into one word a line.
words_of() { python3 -c 'import json, sys; print("\n".join(json.loads(sys.argv[1])))' "$1"; }

# Takes the last word as the target and copies the others into it.
copy() {
    local from=$context
    if [[ $1 == --from=* ]]; then
        from=${stage_root[${1#--from=}]}
        shift
    fi
    local target=${*: -1}
    [[ $target == /* ]] || target=$directory/$target
    target=$root$target
    local sources=("${@:1:$#-1}")
    for source in "${sources[@]}"; do
        if [ -d "$from/$source" ]; then
            mkdir -p "$target"
            cp -a "$from/$source/." "$target/"
        elif [[ $target == */ || $target == */. ]]; then
            mkdir -p "$target"
            cp -a "$from/$source" "$target/"
        else
            mkdir -p "$(dirname "$target")"
            cp -a "$from/$source" "$target"
        fi
    done
}

# Runs a command of a stage. Absolute paths outside the stage would touch this
# machine, so those that the stage may write to are moved under its root.
run() {
    local moved=${1//\/out/$root/out}
    (cd "$root$directory" && CARGO_TARGET_DIR=$root$directory/target bash -euc "$moved")
}

while IFS= read -r line; do
    [[ -z $line || $line == \#* ]] && continue
    instruction=${line%% *}
    rest=${line#* }
    echo "==> $line"
    case $instruction in
    FROM)
        stages=$((stages + 1))
        root=$work/stage-$stages
        mkdir "$root"
        directory=/
        image_env=()
        if [[ $rest == *" AS "* ]]; then
            stage_root[${rest##* AS }]=$root
        fi
        ;;
    WORKDIR)
        directory=$rest
        mkdir -p "$root$directory"
        ;;
    # Words are separated by spaces, as the instruction wants them.
    # shellcheck disable=SC2086
    COPY) copy $rest ;;
    RUN) run "$rest" ;;
    ENV) image_env[${rest%%=*}]=${rest#*=} ;;
    USER) [ "$rest" = 65532:65532 ] || { echo "the image must not run as $rest" >&2; exit 1; } ;;
    # Images and labels are for an engine.
    ARG | LABEL | EXPOSE) ;;
    HEALTHCHECK) healthcheck=${rest#* CMD } ;;
    ENTRYPOINT) entrypoint=$rest ;;
    CMD) command=$rest ;;
    *) echo "the dry run does not know $instruction" >&2; exit 1 ;;
    esac
done <"$repository/Dockerfile"

mapfile -t start < <(words_of "$entrypoint"; words_of "$command")
mapfile -t check < <(words_of "$healthcheck")
start[0]=$root${start[0]}
check[0]=$root${check[0]}

# The ports of the image may be taken here; free ones stand in for them.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port=$(free_port)
admin_port=$(free_port)
# What whoever starts it says.
environment=(REDRESS_INSECURE=true)
for name in "${!image_env[@]}"; do
    value=${image_env[$name]//:50051/:$port}
    environment+=("$name=${value//:9464/:$admin_port}")
done
check=("${check[@]//:50051/:$port}")

# An image runs as a user without rights; so does this, where it can.
as_user=()
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    chmod -R a+rX "$work"
    chmod a+x "$work"
    as_user=(setpriv --reuid 65532 --regid 65532 --clear-groups)
fi

echo "==> start: ${start[*]}"
cd "$root"
"${as_user[@]}" env -i "${environment[@]}" "${start[@]}" &
server=$!
for _ in $(seq 50); do
    if "${as_user[@]}" env -i "${environment[@]}" "${check[@]}"; then
        healthy=yes
        break
    fi
    kill -0 "$server" || break
    sleep 0.1
done
[ "${healthy:-}" = yes ] || { echo "the health check never passed" >&2; exit 1; }
kill -TERM "$server"
wait "$server"
server=
ls -l "${start[0]}"
ldd "${start[0]}"
echo "the Dockerfile holds"
