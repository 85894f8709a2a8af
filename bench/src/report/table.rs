//! The figures as a table for a terminal.

use std::fmt;

use super::{Report, human, short};

/// Writes every panel, then what each bar came to.
pub(super) fn write(report: &Report, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let width = report.figures.iter().map(|x| x.what.chars().count()).max();
    let width = width.unwrap_or_default().max(9);
    for panel in report.panels() {
        let Some(first) = panel.first() else {
            continue;
        };
        let kind = match first.unit {
            "allocations" => ", allocations",
            _ => "",
        };
        let title = format!("{}, {}{kind}", first.group, first.case);
        writeln!(f, "\n{title:<width$} {:>12} {:>23}", "median", "rounds")?;
        for figure in panel {
            let value = human(figure.value, figure.unit);
            let (low, high) = (
                human(figure.low, figure.unit),
                human(figure.high, figure.unit),
            );
            let rounds = format!("{low} .. {high}");
            write!(f, "{:<width$} {value:>12} {rounds:>23}", figure.what)?;
            if let Some(ratio) = &figure.ratio {
                let value = short(ratio.value);
                let (low, high) = (short(ratio.low), short(ratio.high));
                write!(f, "  {value:>6} x {} ({low} .. {high})", ratio.to)?;
            }
            if let Some(bar) = &figure.bar {
                let met = if bar.met { "met" } else { "MISSED" };
                write!(f, "  [{}: {met}]", bar.text)?;
            }
            writeln!(f)?;
        }
    }
    let bars = report.bars().count();
    if bars > 0 {
        let missed: Vec<_> = report.bars().filter(|(_, bar)| !bar.met).collect();
        writeln!(f, "\nbars: {} of {bars} met", bars - missed.len())?;
        for (figure, bar) in missed {
            let at = format!("{}, {}, {}", figure.group, figure.case, figure.what);
            let value = human(figure.value, figure.unit);
            write!(f, "missed: {at}: {}, but it is {value}", bar.text)?;
            match &figure.ratio {
                Some(ratio) => writeln!(f, ", {} x {}", short(ratio.value), ratio.to)?,
                None => writeln!(f)?,
            }
        }
    }
    Ok(())
}
