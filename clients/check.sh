#!/usr/bin/env bash
# Builds, checks, tests and packages the clients: `clients/check.sh [CLIENT...]`; without one
# those that CI checks, `all` for every client. The tests start the program that REDRESS_BIN
# names; without it, it is built.
# What is missing fails; nothing is skipped. Needs what the README names.
set -euo pipefail

CI=(python typescript go php)
ALL=("${CI[@]}" cpp java)
if [ -n "${REDRESS_BIN:-}" ]; then
    REDRESS_BIN=$(realpath "$REDRESS_BIN")
fi
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- "${CI[@]}"
[ "$*" != all ] || set -- "${ALL[@]}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

step() { printf '\n==> %s\n' "$*"; }

# Checks and tests the tree, then tests what is packaged in an environment of its own.
python() {
    cd python
    python3 -m venv "$work/tree"
    "$work/tree/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt
    "$work/tree/bin/pip" install --quiet --disable-pip-version-check --editable .
    "$work/tree/bin/ruff" format --check --quiet
    "$work/tree/bin/ruff" check --quiet
    "$work/tree/bin/mypy"
    "$work/tree/bin/pytest" --quiet
    "$work/tree/bin/python" -m build --outdir "$work/dist" . >"$work/build" ||
        (cat "$work/build" && false)
    python3 -m venv "$work/packaged"
    "$work/packaged/bin/pip" install --quiet --disable-pip-version-check \
        "$work"/dist/*.whl --requirement requirements.txt
    "$work/packaged/bin/pytest" --quiet tests/test_shown.py tests/test_vectors.py
}

# The last of the tests packs the package and installs it in an empty folder.
typescript() {
    cd typescript
    npm ci --loglevel=error
    npm run --silent check
    npm test --silent
}

# The libraries are those of Debian: a GOPATH, in which a link stands for the module. The module
# as it is packed is read by the compiler, and built in a GOPATH of its own.
go() (
    cd go
    ./generate.sh
    unformatted=$(gofmt -l .)
    if [ -n "$unformatted" ]; then
        echo "not formatted: $unformatted" >&2
        return 1
    fi
    module=$(sed -n 's/^module //p' go.mod)
    export GO111MODULE=off GOPATH=$work/gopath:/usr/share/gocode GOFLAGS=
    mkdir -p "$work/gopath/src/$(dirname "$module")"
    ln -s "$PWD" "$work/gopath/src/$module"
    cd "$work/gopath/src/$module"
    command go vet ./...
    command go test ./...
    ./pack.sh "$work/dist"
    cd "$work"
    GO111MODULE=on GOPATH=$work/cache GOFLAGS=-modcacherw GOSUMDB=off GOPROXY=file://$work/dist \
        command go mod download "$module@latest"
    mkdir -p "$work/packaged/src/$(dirname "$module")"
    mv "$work/cache/pkg/mod/$module@"* "$work/packaged/src/$module"
    cd "$work/packaged/src/$module"
    GOPATH=$work/packaged:/usr/share/gocode command go build ./...
)

# What is packed reads the vectors too, from a folder of its own.
php() (
    cd php
    ./generate.sh
    phpcs --standard=PSR12 --warning-severity=0 autoload.php src examples test
    phpunit --do-not-cache-result --bootstrap test/bootstrap.php test
    ./pack.sh "$work/php"
    unzip -q "$work"/php/*.zip -d "$work/php/packaged"
    cp -r autoload.php test "$work/php/packaged"
    ln -s "$(realpath ../vectors)" "$work/php/vectors"
    phpunit --do-not-cache-result --bootstrap "$work/php/packaged/test/bootstrap.php" \
        "$work/php/packaged/test/VectorsTest.php"
)

# What is installed is used by a program of its own.
cpp() (
    cd cpp
    clang-format --dry-run -Werror include/redress/*.h src/*.cpp test/*.cpp test/*.h examples/*.cpp
    cmake -S . -B "$work/cpp" -DREDRESS_BUILD_TESTS=ON "-DCMAKE_INSTALL_PREFIX=$work/installed"
    cmake --build "$work/cpp" --parallel "$(nproc)"
    ctest --test-dir "$work/cpp" --output-on-failure
    cmake --install "$work/cpp" >"$work/files"
    test/shown.sh "$work/installed"
)

# The jar as it is packed is tested, with the libraries of Debian.
java() (
    cd java
    ./build.sh "$work/java"
    . ./debian.sh
    CLASSPATH=$work/java/redress-client.jar:$CLASSPATH
    for jar in junit-jupiter-api junit-jupiter-engine junit-platform-commons junit-platform-console \
        junit-platform-engine junit-platform-launcher junit-platform-reporting opentest4j \
        apiguardian-api picocli; do
        CLASSPATH=$CLASSPATH:/usr/share/java/$jar.jar
    done
    javac -Xlint:all,-classfile,-path -Werror -proc:none -d "$work/java/tests" test/redress/client/*.java
    CLASSPATH=$work/java/tests:$CLASSPATH command java "-Djava.library.path=$work/java/native" \
        "-Droot=$(realpath ../..)" org.junit.platform.console.ConsoleLauncher --disable-banner \
        --details=tree --scan-classpath "$work/java/tests"
)

for client in "$@"; do
    case " ${ALL[*]} " in
    *" $client "*) ;;
    *)
        echo "there is no client \`$client\`; there are: ${ALL[*]}" >&2
        exit 2
        ;;
    esac
done

if [ -z "${REDRESS_BIN:-}" ]; then
    step "the program"
    cargo build --locked
    REDRESS_BIN=$(realpath ../target/debug/redress)
fi
export REDRESS_BIN

for client in "$@"; do
    step "$client"
    ("$client")
done
