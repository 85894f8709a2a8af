"""Changes the code in small ways and looks whether a test notices.

    python3 tests/mutants.py            every area
    python3 tests/mutants.py money      one area: money, check or sample
    python3 tests/mutants.py 3/100      the third of a hundred shards of everything
    python3 tests/mutants.py -- -j2     what follows the dashes is for cargo-mutants

Needs `cargo install --locked cargo-mutants cargo-nextest`. It takes hours, so that it is no
part of the default test run. Money with settlement, and the check of policies, are changed
wherever they can be; of the rest of the engine, the domain and the RPC layer 200 changes
are drawn by a seed. A change that no quick test notices is tried again under all tests.

A shard is drawn from all of engine, policies, domain, wire and RPC, mixed by the seed, so that
each says something of the whole; it fails below 85 %.

Of an area that is changed as a whole it fails when fewer than 90 % of the changes that
compile are noticed, or when one that is not is missing from tests/mutants.toml, which names
each survivor and says why it survives. Of the sample it tells the rate and the survivors.
"""

import json
import pathlib
import random
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "target" / "mutants"
SEED = 12
SAMPLE = 200
LEAST = 0.9
# Seconds in which the tests of a change must end: the quick ones, and all of them.
QUICK = 120
WHOLE = 1200

AREAS = {
    "money": [
        "src/domain/money.rs",
        "src/domain/facts/remaining.rs",
        "src/engine/money.rs",
        "src/engine/money/**",
        "src/engine/settle.rs",
        "src/engine/settle/**",
    ],
    "check": ["src/policy/check.rs", "src/policy/check/**"],
}
REST = ["src/engine.rs", "src/engine/**", "src/domain/**", "src/wire/**", "src/rpc/**"]
# What a decision and a policy go through, in whole: in shards, since it takes days.
WHOLE_CODE = [*REST, "src/policy.rs", "src/policy/**"]
LEAST_OF_WHOLE_CODE = 0.85


def mutants(files, *args):
    """Returns the names of the changes that can be made in some files."""
    command = ["cargo", "mutants", "--list", "--json", *args]
    for file in files:
        command += ["--file", file]
    listed = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return [mutant["name"] for mutant in json.loads(listed.stdout)]


def sample():
    """Draws from what belongs to no area of its own."""
    whole = {name for files in AREAS.values() for name in mutants(files)}
    rest = sorted(set(mutants(REST)) - whole)
    return sorted(random.Random(SEED).sample(rest, SAMPLE))


def shard(text):
    """Draws the part K of N of the whole code, mixed so that every part has some of all."""
    part, parts = (int(number) for number in text.split("/"))
    names = sorted(mutants(WHOLE_CODE))
    random.Random(SEED).shuffle(names)
    return names[part - 1 :: parts]


def run(names, profile, folder, extra):
    """Makes each change and runs tests; returns what came of it, by name."""
    out = OUT / folder
    out.mkdir(parents=True, exist_ok=True)
    results = {}
    # One call takes as many names as a command line holds.
    for start in range(0, len(names), 400):
        part = names[start : start + 400]
        pattern = "^(" + "|".join(re.escape(name) for name in part) + ")$"
        command = ["cargo", "mutants", "--output", out, "--re", pattern, "--no-shuffle"]
        for file in sorted({name.split(":")[0] for name in part}):
            command += ["--file", file]
        command += [f"--cargo-test-arg=--profile={profile}", *extra]
        if profile == "mutants":
            command += ["--cargo-test-arg=--lib", "--cargo-test-arg=--test=it"]
        command += ["--timeout", str(QUICK if profile == "mutants" else WHOLE)]
        subprocess.run(command, cwd=ROOT)
        outcomes = json.loads((out / "mutants.out" / "outcomes.json").read_text())
        for outcome in outcomes["outcomes"]:
            scenario = outcome["scenario"]
            name = scenario["Mutant"]["name"] if isinstance(scenario, dict) else None
            if name in part:
                results[name] = outcome["summary"]
    return results


def without_place(name):
    """Drops line and column, which move when code above does."""
    return re.sub(r":\d+:\d+:", ":", name)


def names_of(area):
    """Returns the changes of an area, of the sample, or of a shard such as `3/200`."""
    if area == "sample":
        return sample()
    return shard(area) if "/" in area else mutants(AREAS[area])


def examine(area, known, extra):
    """Runs an area and prints what it came to; returns whether it holds."""
    names = names_of(area)
    folder = area.replace("/", "-of-")
    results = run(names, "mutants", folder, extra)
    survivors = [name for name, result in results.items() if result == "MissedMutant"]
    if survivors:
        results |= run(survivors, "default", folder + "-again", extra)
    counts = {}
    for result in results.values():
        counts[result] = counts.get(result, 0) + 1
    survivors = sorted(n for n, result in results.items() if result == "MissedMutant")
    viable = len(results) - counts.get("Unviable", 0)
    rate = 1 - len(survivors) / viable if viable else 0
    print(f"{area}: {viable - len(survivors)} of {viable} noticed, {rate:.1%}; {counts}")
    unlisted = [name for name in survivors if without_place(name) not in known]
    for name in unlisted:
        print(f"  survives: {name}")
    if area == "sample":
        return viable > 0
    if "/" in area:
        return rate >= LEAST_OF_WHOLE_CODE and viable > 0
    return rate >= LEAST and not unlisted and viable > 0


def main():
    text = (ROOT / "tests" / "mutants.toml").read_text()
    known = {entry["mutant"] for entry in tomllib.loads(text).get("survivor", [])}
    args = sys.argv[1:]
    cut = args.index("--") if "--" in args else len(args)
    areas = args[:cut] or [*AREAS, "sample"]
    held = [examine(area, known, args[cut + 1 :]) for area in areas]
    sys.exit(0 if all(held) else 1)


main()
