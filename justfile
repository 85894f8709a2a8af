# What must hold before a change is handed in; the same list as `.ci/run`.
check: fmt clippy doc test policies

fmt:
    cargo fmt --all --check

clippy:
    cargo clippy --all-targets --locked -- -D warnings

doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked

test:
    cargo test --locked

# The policies that are built in, and their cases, under changed clauses too.
policies:
    cargo run --locked --quiet -- check
    cargo run --locked --quiet -- test --mutate --threshold 100

# Replaces the contract that changes are compared with: each time with a line in
# CHANGELOG.md. Needs buf 1.75.
contract:
    buf build --exclude-source-info -o proto/contract.binpb

# Writes what is generated from the contract: the standard vocabulary, the reading and
# writing of its messages, the client's messages, the description of methods as OpenAPI, the
# reference and the catalogues in the docs; and the reference of settings from the program.
generate:
    cargo run --locked -p redress-generate
    REDRESS_BLESS=1 cargo test --locked --test it -- catalogue settings

# Changes the code in small ways and looks whether a test notices; takes hours.
mutants *AREAS:
    python3 tests/mutants.py {{AREAS}}

# The engine against the second settlement, on a million random orders.
differential ORDERS="1000000" SEED="0":
    REDRESS_ORDERS={{ORDERS}} REDRESS_SEED={{SEED}} cargo test --release --locked --test it differential -- --nocapture

# Missing lists against a search through all completions: with money, with eight unknown
# facts, and with unknown events; takes hours.
completions ORDERS="100000" EIGHT="10000" EVENTS="10000" SEED="0":
    REDRESS_ORDERS={{ORDERS}} REDRESS_SEED={{SEED}} cargo test --release --locked --test it where_money_is_unknown -- --nocapture
    REDRESS_ORDERS={{EIGHT}} REDRESS_SEED={{SEED}} cargo test --release --locked --test it where_eight_facts_are_unknown -- --nocapture
    REDRESS_ORDERS={{EVENTS}} REDRESS_SEED={{SEED}} cargo test --release --locked --test it where_two_events_are_unknown -- --nocapture
    REDRESS_ORDERS={{EVENTS}} REDRESS_SEED={{SEED}} cargo test --release --locked --test it where_times_depend_on_each_other -- --nocapture

# Missing lists of the shipped policies: a witness for each fact that is asked for, and none
# for the others, on so many orders of each shop and action.
witnesses ORDERS="400":
    REDRESS_ORDERS={{ORDERS}} cargo test --release --locked --test it has_a_witness -- --nocapture

# Instructions of decisions, against those that are kept; needs valgrind.
count:
    cargo run --release --locked --quiet -p redress-bench -- count --check bench/instructions.json

# The clients in other languages, or one of them: checks, tests and packages. Needs what
# clients/README.md names.
clients *NAMES:
    clients/check.sh {{NAMES}}

# A server with the policies of the working tree.
serve *FLAGS:
    cargo run --release --locked -- serve --policies policies {{FLAGS}}

# The steps of the Dockerfile, without a container engine.
image-dry-run:
    deploy/dockerfile-dry-run.sh

# Everything, as on a fresh machine.
ci:
    .ci/run
