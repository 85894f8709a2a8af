"""Compares the calendars of the shipped policies with the package `holidays`.

Only days on which somebody works are compared: a holiday on a weekly day of rest
changes no count. A difference is right only where a dated override of the policy
explains it.
"""

import datetime
import pathlib
import subprocess
import sys
import tomllib

import holidays

YEARS = range(2020, 2041)
# Policy, calendar in it, country whose national holidays it holds.
CALENDARS = [
    ("greek-eshop", "greece", "GR"),
    ("jona", "italy", "IT"),
    ("melina-paris", "spain", "ES"),
]
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def working(days, rest):
    return {day for day in days if WEEKDAYS[day.weekday()] not in rest}


def main(binary, policies):
    wrong = 0
    for policy, name, country in CALENDARS:
        text = (pathlib.Path(policies) / policy / "always.toml").read_text()
        calendar = tomllib.loads(text)["calendars"][name]
        rest = calendar.get("rest", [])
        dated = calendar.get("add", []) + calendar.get("remove", [])
        overrides = {datetime.date.fromisoformat(day) for day in dated}
        lines = subprocess.run(
            [binary, "calendar", policy, name, "--from", str(YEARS[0]), "--to", str(YEARS[-1])],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.splitlines()
        ours = {datetime.date.fromisoformat(line.split()[0]) for line in lines}
        theirs = set(holidays.country_holidays(country, years=YEARS))
        differ = working(ours, rest) ^ working(theirs, rest)
        for day in sorted(differ - overrides):
            print(f"{policy} {name}: {day} {'ours' if day in ours else 'theirs'} alone")
            wrong += 1
        explained = len(differ & overrides)
        print(f"{policy} {name}: {len(ours)} days, {explained} differ by dated overrides")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
