"""Prints the worked Sundays of 2022 to 2035, one date a line.

An independent count for the calendar rules of a policy: it walks over the days of
each year and looks at them, where the policy computes. Standard library only.

Usage: python3 tests/python/worked_sundays.py > tests/worked_sundays.txt
"""

import calendar
import datetime

FIRST_YEAR, LAST_YEAR = 2022, 2035


def sundays_before_christmas(year: int) -> list[datetime.date]:
    """Returns the last four Sundays that come before 25 December."""
    weeks = calendar.Calendar(firstweekday=calendar.SUNDAY)
    sundays = [
        day
        for month in (11, 12)
        for day in weeks.itermonthdates(year, month)
        if day.month == month and day.weekday() == calendar.SUNDAY and (day.month, day.day) < (12, 25)
    ]
    return sundays[-4:]


def sunday_after_black_friday(year: int) -> datetime.date:
    """Returns the first Sunday after the Friday that follows the fourth Thursday of November."""
    thursdays = [
        datetime.date(year, 11, number)
        for number in range(1, 31)
        if datetime.date(year, 11, number).strftime("%w") == "4"
    ]
    day = thursdays[3]
    while day.strftime("%w") != "0":
        day += datetime.timedelta(days=1)
    return day


def main() -> None:
    """Prints the dates in order, each once."""
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for day in sorted({*sundays_before_christmas(year), sunday_after_black_friday(year)}):
            print(day.isoformat())


if __name__ == "__main__":
    main()
