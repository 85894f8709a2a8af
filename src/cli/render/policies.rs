//! Policies and their clauses, for people.

use redress_client::pb;

use super::Detail;
use super::text::{BOLD, FAINT, Page, word};

/// Writes the loaded revisions as a table; the digests of their files in full only.
pub fn shops(policies: &[pb::Policy], detail: Detail) -> String {
    let mut page = Page::default();
    let rows: Vec<Vec<String>> = policies
        .iter()
        .map(|policy| {
            vec![
                policy.policy.clone(),
                policy.revision.clone(),
                policy.title.clone(),
                policy.time_zone.clone(),
                match detail {
                    Detail::Brief => String::new(),
                    Detail::Full => policy.digest.chars().take(12).collect(),
                },
            ]
        })
        .collect();
    page.table(0, &rows, &[]);
    page.into_text()
}

/// Writes one revision with what its clauses say; in full with their kinds, routes and
/// sources too.
pub fn clauses(policy: &pb::Policy, detail: Detail) -> String {
    let mut page = Page::default();
    page.line(
        0,
        &format!(
            "{BOLD}{}{BOLD:#}  {} ({})",
            policy.title, policy.policy, policy.revision
        ),
    );
    if detail == Detail::Brief {
        let clauses = policy.clauses.iter();
        let rows = clauses.map(|clause| vec![clause.clause_id.clone(), clause.text.clone()]);
        let rows: Vec<Vec<String>> = rows.collect();
        page.table(0, &rows, &[]);
        return page.into_text();
    }
    page.line(0, &format!("{FAINT}digest {}{FAINT:#}", policy.digest));
    for route in policy
        .routes
        .iter()
        .filter(|route| route.action != route.route)
    {
        page.line(
            0,
            &format!(
                "{} is handled as {}",
                word(route.action().as_str_name(), "ACTION_"),
                word(route.route().as_str_name(), "ACTION_")
            ),
        );
    }
    for clause in &policy.clauses {
        page.gap();
        let routes: Vec<String> = clause
            .routes()
            .map(|route| word(route.as_str_name(), "ACTION_"))
            .collect();
        let kind = word(clause.kind().as_str_name(), "CLAUSE_KIND_");
        page.line(
            0,
            format!(
                "{BOLD}{}{BOLD:#}  {kind} {}",
                clause.clause_id,
                routes.join(", ")
            )
            .trim_end(),
        );
        page.line(1, &clause.text);
        page.line(1, &format!("{FAINT}{}{FAINT:#}", clause.source));
        if !clause.overrides.is_empty() {
            page.line(1, &format!("overrides {}", clause.overrides.join(", ")));
        }
        if !clause.inert_reason.is_empty() {
            page.line(1, &format!("no effect: {}", clause.inert_reason));
        }
    }
    page.into_text()
}
