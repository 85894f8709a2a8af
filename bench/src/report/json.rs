//! The figures as JSON.

use serde_json::{Value, json};

use super::{Figure, Report};

/// Writes the figures as an indented list, with a final line break.
pub(super) fn write(report: &Report) -> String {
    let figures: Vec<Value> = report.figures.iter().map(figure).collect();
    format!("{:#}\n", json!({ "figures": figures }))
}

fn figure(of: &Figure) -> Value {
    let ratio = of.ratio.as_ref().map(|ratio| {
        json!({
            "to": ratio.to,
            "value": ratio.value,
            "low": ratio.low,
            "high": ratio.high,
        })
    });
    let bar = of.bar.as_ref();
    json!({
        "group": of.group,
        "what": of.what,
        "case": of.case,
        "value": of.value,
        "unit": of.unit,
        "low": of.low,
        "high": of.high,
        "ratio": ratio,
        "bar": bar.map(|bar| json!({ "text": bar.text, "met": bar.met })),
    })
}
